with

targets as (
    select * from {{ ref('targets') }}
),

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

-- the unit of a target in the words of the definitions
placed as (
    select
        agencies.realm,
        targets.indicator_code,
        targets.area_code,
        targets.target_year,
        targets.document_no,
        targets.direction_code,
        targets.target_value,
        case targets.measure_unit_code when 'percent' then 'pct' else targets.measure_unit_code end as unit_code,
        targets.document_title,
        targets.issued_date,
        targets.note_text,
        -- two offices may register one document: the row registered last stands
        row_number() over (
            partition by
                agencies.realm, targets.indicator_code, targets.area_code, targets.target_year, targets.document_no
            order by targets._released_seq desc, targets.agency_code
        ) as place,
        targets._released_seq
    from targets
    inner join agencies on targets.agency_code = agencies.agency_code
),

defined as (
    select indicator_code, method, unit from {{ ref('indicator_definitions') }} where is_in_force
),

-- the latest value of every method: of the area as a whole
latest as (
    select distinct on (realm, indicator_code, method, area_code)
        realm,
        indicator_code,
        method,
        area_code,
        period,
        value
    from {{ ref('indicator_candidate') }}
    where dimension = 'total' and status = 'published' and value is not null
    order by realm, indicator_code, method, area_code, period desc
),

-- what the target's unit does not fit is shown and not compared
compared as (
    select
        placed.realm,
        placed.indicator_code,
        coalesce(defined.method, 'none') as method,
        placed.area_code,
        placed.target_year,
        placed.document_no,
        placed.direction_code,
        placed.target_value,
        placed.unit_code,
        case
            when defined.indicator_code is null then 'no_such_indicator'
            when placed.unit_code <> defined.unit then 'other_unit'
            when latest.value is null then 'no_value_yet'
            else 'compared'
        end as comparison_code,
        case when placed.unit_code = defined.unit then latest.period end as value_period,
        case when placed.unit_code = defined.unit then latest.value end as latest_value,
        case
            when placed.unit_code = defined.unit and placed.direction_code = 'at_least'
                then placed.target_value - latest.value
            when placed.unit_code = defined.unit then latest.value - placed.target_value
        end as distance,
        placed.document_title,
        placed.issued_date,
        placed.note_text,
        placed._released_seq
    from placed
    left join defined on placed.indicator_code = defined.indicator_code
    left join latest
        on placed.realm = latest.realm
        and placed.area_code = latest.area_code
        and defined.indicator_code = latest.indicator_code
        and defined.method = latest.method
    where placed.place = 1
)

select * from compared
