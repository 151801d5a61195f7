-- A span that ends before it starts is active on no day and never counted. Mend the model that lets it through: what
-- ended before it began has an empty span.
select 'fct_enrolment' as fact_name, enrolment_key as fact_key, started_date, ended_date
from {{ ref('fct_enrolment') }}
where ended_date < started_date
union all
select 'fct_employment_spell' as fact_name, employment_key as fact_key, started_date, ended_date
from {{ ref('fct_employment_spell') }}
where ended_date < started_date
union all
select 'fct_skill_certificate' as fact_name, certificate_key as fact_key, issued_date as started_date, ended_date
from {{ ref('fct_skill_certificate') }}
where ended_date < issued_date
