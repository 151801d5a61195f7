{{ config(indexes=[{'columns': ['division_code', 'reference_date']}]) }}

with

population as (
    {{ united(
        models=[
            'int_population__single_ages',
            'int_population__yearbook_ages',
        ],
        columns=[
            'agency_code', 'source_entity', 'unit_code', 'division_code', 'prefecture_code', 'base_code',
            'reference_date', 'sex_code', 'age_from_years', 'age_to_years', 'persons', '_event_id', '_released_seq',
        ],
    ) }}
)

select * from population
