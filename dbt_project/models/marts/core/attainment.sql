select * from {{ ref('int_population__yearbook_attainment') }}
