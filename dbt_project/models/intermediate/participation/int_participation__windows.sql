with

residents as (
    select * from {{ ref('int_population__age_groups') }} where base_code = 'resident'
),

-- every return of residents is a day to look back from: a year for what counts as participation, four weeks as the
-- labour force survey asks
windows as (
    select distinct
        realm,
        reference_date,
        (reference_date - interval '12 months')::date as year_after_date,
        reference_date - 28 as weeks_after_date
    from residents
)

select * from windows
