with

definitions as (
    select * from {{ ref('indicator_definitions') }}
),

published as (
    select
        indicator_code,
        definition_version,
        method,
        name_zh,
        name_en,
        sentence_zh,
        sentence_en,
        formula,
        source,
        numerator,
        denominator,
        reference_date,
        unit,
        unit_of_count,
        missing_return
    from definitions
)

select * from published
