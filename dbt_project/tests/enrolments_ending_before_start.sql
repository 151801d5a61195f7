-- An enrolment that ends before it starts would never be counted. Mend the staging rule that lets it through.
select enrolment_key, started_date, ended_date
from {{ ref('fct_enrolment') }}
where ended_date < started_date
