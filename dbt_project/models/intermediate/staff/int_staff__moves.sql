with

teachers as (
    select * from {{ ref('int_staff__teachers') }} where is_main_school
),

before as (
    select * from teachers where not is_latest
),

now as (
    select * from teachers where is_latest
),

-- a county whose teachers of the year before nobody delivered has not lost or won them all
known_before as (
    select distinct realm, start_year + 1 as start_year, division_code from before
),

-- somebody who came counts in the new place alone, somebody who went in the old one
moves as (
    select
        coalesce(now.realm, before.realm) as realm,
        coalesce(now.start_year, before.start_year + 1) as start_year,
        coalesce(now.reference_date, (before.reference_date + interval '1 year')::date) as reference_date,
        coalesce(now.learner_key, before.learner_key) as learner_key,
        before.institution_key as institution_key_before,
        before.division_code as division_code_before,
        before.urban_rural as urban_rural_before,
        now.institution_key,
        now.division_code,
        now.urban_rural,
        case when before.realm is null then now.division_code else before.division_code end as place_before,
        case when before.realm is null then now.prefecture_code else before.prefecture_code end as prefecture_before,
        coalesce(before.stage_code, now.stage_code) as stage_before,
        case when now.realm is null then before.division_code else now.division_code end as place,
        case when now.realm is null then before.prefecture_code else now.prefecture_code end as prefecture,
        coalesce(now.stage_code, before.stage_code) as stage
    from before
    full outer join now
        on before.realm = now.realm
        and before.start_year = now.start_year - 1
        and before.learner_key = now.learner_key
),

judged as (
    select moves.*, known_before.realm is not null as is_year_before_known
    from moves
    left join known_before
        on moves.realm = known_before.realm
        and moves.start_year = known_before.start_year
        and coalesce(moves.place, '') = coalesce(known_before.division_code, '')
)

select * from judged
