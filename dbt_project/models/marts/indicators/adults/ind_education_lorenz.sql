with

areas as (
    select * from {{ ref('int_attainment__areas') }} where scheme_code = 'yearbook_jc16' and dimension = 'total'
),

-- a point is given as the class's own share, not as the sum up to it: a withheld class stays withheld, which two
-- neighbouring sums would give away. Members sort as the curve runs
points as (
    select
        *,
        rank() over (partition by realm, area_code, period order by schooling_years, sort_order)
        || '_' || attainment_code as point_code,
        sum(person_years) over (partition by realm, area_code, period) as area_person_years
    from areas
),

indicator as (
    select
        'education_lorenz' as indicator_code,
        'census_3plus_jc16' as method,
        realm,
        area_code,
        area_level,
        period,
        'lorenz_point' as dimension,
        point_code as member,
        null::text as in_groups,
        (person_years / nullif(area_person_years, 0))::double precision as value,
        person_years::double precision as numerator,
        persons::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        {{ status_of('missing_note', 'area_person_years = 0') }} as status,
        {{ note_of('missing_note', 'area_person_years = 0', 'nobody with any schooling') }} as status_note,
        as_of
    from points
)

select * from indicator
