with

counted as (
    select * from {{ ref('int_workers__skilled') }}
),

cells as (
    select
        shares.indicator_code,
        'registered_employment' as method,
        counted.realm,
        to_char(counted.reference_date, 'YYYY') as period,
        counted.reference_date as as_of,
        counted.division_code,
        counted.prefecture_code,
        counted.dimension,
        counted.member,
        shares.numerator,
        shares.denominator,
        counted.unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from counted
    cross join lateral (
        values
        ('skilled_ratio', counted.skilled, counted.employed),
        ('high_skilled_share', counted.high_skilled, counted.skilled)
    ) as shares (indicator_code, numerator, denominator)
),

summed as (
    {{ sums_over_sums('cells', nobody='nobody registered here') }}
),

-- of who is employed without a known person nobody knows the grade: none of them may be skilled, or all
indicator as (
    {{ bounded_by_unlinked('summed') }}
)

select * from indicator
