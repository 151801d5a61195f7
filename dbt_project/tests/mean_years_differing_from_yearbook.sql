-- The yearbook prints its own mean years of schooling; ours, from its counts, must agree to two decimals. A single
-- row that differs is a misprint to ask about; many mean that our weights or our denominator are wrong.
{{ config(warn_if='> 0', error_if='> 5') }}

with

yearbook as (
    select * from {{ ref('stg_census__county_yearbook') }}
),

weights as (
    select * from {{ ref('schooling_years') }} where scheme_code = 'yearbook_jc16'
),

printed as (
    select yearbook.agency_code, yearbook.record_id, cells.attainment_code, cells.members, cells.persons
    from yearbook
    cross join lateral (
        values
        {% for class in ['unschooled', 'preschool', 'primary', 'junior', 'senior', 'jcollege', 'bachelor_plus'] -%}
        ('{{ class }}', 'total', yearbook.edu_{{ class }}_m + yearbook.edu_{{ class }}_f),
        ('{{ class }}', 'male', yearbook.edu_{{ class }}_m),
        ('{{ class }}', 'female', yearbook.edu_{{ class }}_f){{ ',' if not loop.last }}
        {% endfor -%}
    ) as cells (attainment_code, members, persons)
),

computed as (
    select
        printed.agency_code,
        printed.record_id,
        printed.members,
        sum(printed.persons * weights.schooling_years) / nullif(sum(printed.persons), 0)::numeric as mean_years
    from printed
    inner join weights on printed.attainment_code = weights.attainment_code
    group by printed.agency_code, printed.record_id, printed.members
),

compared as (
    select
        computed.record_id,
        computed.members,
        round(computed.mean_years, 2) as computed_years,
        round(
            case computed.members when 'total' then yearbook.mys when 'male' then yearbook.mys_m else yearbook.mys_f end
            ::numeric, 2
        ) as printed_years
    from computed
    inner join yearbook on computed.agency_code = yearbook.agency_code and computed.record_id = yearbook.record_id
)

select * from compared
where computed_years <> printed_years
