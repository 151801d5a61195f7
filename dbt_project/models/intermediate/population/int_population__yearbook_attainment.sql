{% set classes = ['unschooled', 'preschool', 'primary', 'junior', 'senior', 'jcollege', 'bachelor_plus'] -%}

with

units as (
    select * from {{ ref('int_population__yearbook_units') }}
),

yearbook as (
    select * from {{ ref('stg_census__county_yearbook') }}
),

attainment as (
    select
        units.agency_code,
        'census__county_yearbook' as source_entity,
        units.unit_code,
        units.division_code,
        units.prefecture_code,
        units.base_code,
        units.reference_date,
        cells.sex_code,
        cells.attainment_code,
        cells.persons,
        units._event_id,
        units._released_seq
    from units
    inner join yearbook
        on units.agency_code = yearbook.agency_code and units.record_id = yearbook.record_id
    cross join lateral (
        values
        {% for class in classes -%}
        ('male', '{{ class }}', yearbook.edu_{{ class }}_m),
        ('female', '{{ class }}', yearbook.edu_{{ class }}_f){{ ',' if not loop.last }}
        {% endfor -%}
    ) as cells (sex_code, attainment_code, persons)
    where cells.persons is not null
)

select * from attainment
