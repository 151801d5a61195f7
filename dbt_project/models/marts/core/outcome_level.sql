with

levels as (
    select * from {{ ref('int_credits__levels') }}
)

select * from levels
