with

defined as (
    {{ united(
        models=[
            'definitions_adults',
            'definitions_credit',
            'definitions_forecast',
            'definitions_inequality',
            'definitions_lifelong',
            'definitions_schools',
        ],
        columns=[
            'indicator_code', 'method', 'definition_version', 'name_zh', 'name_en', 'sentence_zh', 'sentence_en',
            'formula', 'source', 'numerator', 'denominator', 'reference_date', 'unit', 'unit_of_count',
            'missing_return', 'seed_table_1', 'better',
        ],
    ) }}
),

-- a new version takes over; the earlier ones stay for the releases that followed them
ranked as (
    select
        *,
        definition_version = max(definition_version) over (partition by indicator_code, method) as is_in_force
    from defined
)

select * from ranked
