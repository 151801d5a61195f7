-- A skill grade in words that core.skill_levels does not know has no rank, so its holder counts as unskilled. Ask the
-- agency what the words mean and add them to the seed; never guess from a number alone.
{{ config(severity='warn') }}

select agency_code, skill_level_source, count(*) as certificates
from {{ ref('fct_skill_certificate') }}
where certificate_kind_code in ('职业资格', '职业技能等级') and skill_rank is null
group by agency_code, skill_level_source
