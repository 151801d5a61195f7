with

definitions as (
    select * from {{ ref('indicator_definitions') }} where is_in_force
),

build_bound as (
    select released_seq from intermediate.build_bound
),

computed as (
    {{ united(
        models=[
            'ind_community_learning',
            'ind_credit_transfer_rate',
            'ind_digital_learning_reach',
            'ind_dissimilarity',
            'ind_education_gini',
            'ind_education_groups',
            'ind_education_lorenz',
            'ind_education_theil',
            'ind_education_theil_parts',
            'ind_enrolment_rates',
            'ind_expected_years_of_returns',
            'ind_expected_years_of_schooling',
            'ind_first_job',
            'ind_forecast',
            'ind_graduates_to_vacancies',
            'ind_gross_enrolment_higher_education',
            'ind_kindergarten_access',
            'ind_learner_flow',
            'ind_lifelong_learning_participation',
            'ind_mean_years_schooling',
            'ind_participation_by_kind',
            'ind_pupil_teacher_ratio',
            'ind_residents_60plus',
            'ind_school_places',
            'ind_school_size_bands',
            'ind_school_size_inequality',
            'ind_senior_participation',
            'ind_skilled_workers',
            'ind_small_and_large_schools',
            'ind_surveys',
            'ind_teacher_flow',
            'ind_vacancies_per_applicant',
        ],
        columns=[
            'indicator_code', 'method', 'realm', 'area_code', 'area_level', 'period', 'dimension', 'member',
            'in_groups', 'value', 'numerator', 'denominator', 'value_low', 'value_high', 'coverage_pct',
            'unlinked_persons', 'status', 'status_note', 'as_of',
        ],
    ) }}
),

realms (realm) as (
    values ('real'), ('simulated')
),

-- an indicator no return has reached is named with the return it waits for, not left out
awaited as (
    select
        definitions.indicator_code,
        definitions.method,
        realms.realm,
        '330000' as area_code,
        'province' as area_level,
        to_char(current_date, 'YYYY') as period,
        'total' as dimension,
        'total' as member,
        null::text as in_groups,
        null::double precision as value,
        null::double precision as numerator,
        null::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        'needs_input' as status,
        definitions.missing_return as status_note,
        current_date as as_of
    from definitions
    cross join realms
    left join computed
        on definitions.indicator_code = computed.indicator_code
        and definitions.method = computed.method
        and realms.realm = computed.realm
    -- what a release makes of its own figures waits for no return
    where computed.indicator_code is null and definitions.missing_return is not null
),

rows_of_all as (
    select * from computed
    union all
    select * from awaited
),

candidates as (
    select
        rows_of_all.indicator_code,
        rows_of_all.method,
        rows_of_all.realm,
        rows_of_all.area_code,
        rows_of_all.area_level,
        case rows_of_all.area_level
            when 'county' then left(rows_of_all.area_code, 4) || '00'
            when 'prefecture' then left(rows_of_all.area_code, 2) || '0000'
        end as parent_area_code,
        rows_of_all.period,
        rows_of_all.dimension,
        rows_of_all.member,
        rows_of_all.in_groups,
        rows_of_all.value,
        definitions.unit,
        definitions.unit_of_count,
        rows_of_all.numerator,
        rows_of_all.denominator,
        rows_of_all.value_low,
        rows_of_all.value_high,
        rows_of_all.coverage_pct,
        rows_of_all.unlinked_persons,
        rows_of_all.status,
        rows_of_all.status_note,
        definitions.definition_version,
        rows_of_all.as_of,
        build_bound.released_seq as _released_seq
    from rows_of_all
    inner join definitions
        on rows_of_all.indicator_code = definitions.indicator_code and rows_of_all.method = definitions.method
    cross join build_bound
)

select * from candidates
