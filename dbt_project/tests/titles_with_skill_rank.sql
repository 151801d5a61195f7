-- Titles (职称) and special abilities (专项能力) are no skill grades: with a rank they would raise the skilled ratio.
select certificate_key
from {{ ref('fct_skill_certificate') }}
where skill_rank is not null and certificate_kind_code not in ('职业资格', '职业技能等级')
