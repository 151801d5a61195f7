{% set bands = [('0', 0, 0), ('1_4', 1, 4)] -%}
{% for low in range(5, 85, 5) %}{% do bands.append((low ~ '_' ~ (low + 4), low, low + 4)) %}{% endfor -%}
{% do bands.append(('85plus', 85, 'null')) -%}

with

units as (
    select * from {{ ref('int_population__yearbook_units') }}
),

yearbook as (
    select * from {{ ref('stg_census__county_yearbook') }}
),

ages as (
    select
        units.agency_code,
        'census__county_yearbook' as source_entity,
        units.unit_code,
        units.division_code,
        units.prefecture_code,
        units.base_code,
        units.reference_date,
        cells.sex_code,
        cells.age_from_years,
        cells.age_to_years,
        cells.persons,
        units._event_id,
        units._released_seq
    from units
    inner join yearbook
        on units.agency_code = yearbook.agency_code and units.record_id = yearbook.record_id
    cross join lateral (
        values
        {% for band, low, high in bands -%}
        ('male', {{ low }}, {{ high }}::integer, yearbook.m_{{ band }}),
        ('female', {{ low }}, {{ high }}::integer, yearbook.f_{{ band }}){{ ',' if not loop.last }}
        {% endfor -%}
    ) as cells (sex_code, age_from_years, age_to_years, persons)
    where cells.persons is not null
)

select * from ages
