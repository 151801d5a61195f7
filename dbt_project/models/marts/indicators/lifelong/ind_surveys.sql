with

estimates as (
    select * from {{ ref('survey_estimates') }}
),

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

definitions as (
    select distinct indicator_code, method from {{ ref('indicator_definitions') }}
),

-- the unit of the row decides: yuan and per cent under one name are two methods, and neither is turned into the other.
-- Of two surveys of a year the later stands, then the larger.
chosen as (
    select distinct on (
        agencies.realm, definitions.indicator_code, definitions.method, estimates.area_code,
        to_char(estimates.fieldwork_ended_date, 'YYYY'), estimates.dimension_code, estimates.member_code
    )
        agencies.realm,
        definitions.indicator_code,
        definitions.method,
        estimates.area_code,
        to_char(estimates.fieldwork_ended_date, 'YYYY') as period,
        case estimates.dimension_code when 'all' then 'total' else estimates.dimension_code end as dimension,
        case estimates.dimension_code when 'all' then 'total' else estimates.member_code end as member,
        estimates.measure_unit_code,
        estimates.estimate_value,
        estimates.margin_value,
        estimates.sample_persons,
        estimates.survey_source || ' ' || estimates.survey_wave || ', n ' || estimates.sample_persons as survey,
        estimates.fieldwork_ended_date
    from estimates
    inner join agencies on estimates.agency_code = agencies.agency_code
    inner join definitions
        on estimates.indicator_code = definitions.indicator_code
        and (
            'survey_' || estimates.measure_unit_code = definitions.method
            -- what registers tell, too, has its survey under a method of the survey's name
            or (definitions.method = 'labour_force_survey' and estimates.measure_unit_code = 'percent')
        )
    order by
        agencies.realm, definitions.indicator_code, definitions.method, estimates.area_code,
        to_char(estimates.fieldwork_ended_date, 'YYYY'), estimates.dimension_code, estimates.member_code,
        estimates.fieldwork_ended_date desc, estimates.sample_persons desc, estimates.survey_source,
        estimates.survey_wave, estimates.agency_code
),

indicator as (
    select
        indicator_code,
        method,
        realm,
        area_code,
        case
            when area_code like '%0000' then 'province' when area_code like '%00' then 'prefecture' else 'county'
        end as area_level,
        period,
        dimension,
        member,
        null::text as in_groups,
        estimate_value as value,
        null::double precision as numerator,
        sample_persons::double precision as denominator,
        -- of a share nothing lies below none or above all; a survey without a margin has no interval
        case
            when measure_unit_code = 'percent' and margin_value > estimate_value then 0
            else estimate_value - margin_value
        end as value_low,
        case
            when measure_unit_code = 'percent' and margin_value > 100 - estimate_value then 100
            else estimate_value + margin_value
        end as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        'published' as status,
        survey as status_note,
        fieldwork_ended_date as as_of
    from chosen
)

select * from indicator
