-- Who is of the stage's ages is among all who are on the stage: a net rate above the gross one counts somebody twice.
select
    net.indicator_code,
    net.realm,
    net.area_code,
    net.period,
    net.dimension,
    net.member,
    net.numerator as net_learners,
    gross.numerator as gross_learners
from {{ ref('ind_enrolment_rates') }} as net
inner join {{ ref('ind_enrolment_rates') }} as gross
    on replace(net.indicator_code, 'net_', 'gross_') = gross.indicator_code
    and net.method = gross.method
    and net.realm = gross.realm
    and net.area_code = gross.area_code
    and net.period = gross.period
    and net.dimension = gross.dimension
    and net.member = gross.member
where net.indicator_code like 'net_%' and net.numerator > gross.numerator
