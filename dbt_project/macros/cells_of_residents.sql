{#
    Cells of counties for sums_over_sums: participants of an age group, each once, over its residents.

    `participants` has realm, reference_date, division_code, sex_code, age_years, is_linked, one row a person. The
    breakdowns are sex and, with `bands`, age bands (all are age_groups). With `by` it has a column `member` instead,
    one row a person and member: where members overlap they do not add up, so there is no total among the cells.

    Whose county no agency knows counts in the province alone, who lives in a county without a return nowhere. Of who
    cannot be linked, those who may be of the age are the bound. A return of residents that no window looks back from has
    no cells: records do not reach its year, and a participation of nobody would be said of it.
#}
{% macro cells_of_residents(participants, indicator_code, method, age_group, bands=[], by=none, members=[]) %}
with

windows as (
    select * from {{ ref('int_participation__windows') }}
),

residents as (
    select groups.*
    from {{ ref('int_population__age_groups') }} as groups
    inner join windows on groups.realm = windows.realm and groups.reference_date = windows.reference_date
    where groups.base_code = 'resident' and groups.age_group_code in ('{{ ([age_group] + bands) | join("', '") }}')
),

returned as (
    select realm, reference_date, unit_code, division_code, prefecture_code, bool_and(is_county_complete) as is_complete
    from residents
    where age_group_code = '{{ age_group }}'
    group by realm, reference_date, unit_code, division_code, prefecture_code
),

places as (
    select * from returned
    union all
    select realm, reference_date, null, null, null, bool_or(is_complete)
    from returned
    group by realm, reference_date
),

members (dimension, member) as (
    values
    {% if by is none -%}
    ('total', 'total'), ('sex', 'male'), ('sex', 'female')
    {%- for band in bands %}, ('age_band', '{{ band }}'){% endfor %}
    {%- else -%}
    {% for member in members %}('{{ by }}', '{{ member }}'){{ ', ' if not loop.last }}{% endfor %}
    {%- endif %}
),

living as (
    select residents.realm, residents.reference_date, residents.unit_code, members.dimension, members.member,
        sum(residents.persons) as persons
    from residents
    inner join members
        on case members.dimension
            when 'age_band' then members.member = residents.age_group_code
            when 'sex' then members.member = residents.sex_code and residents.age_group_code = '{{ age_group }}'
            else residents.age_group_code = '{{ age_group }}'
        end
    group by residents.realm, residents.reference_date, residents.unit_code, members.dimension, members.member
),

grouped as (
    select participants.*, age_groups.age_group_code
    from {{ participants }} as participants
    inner join {{ ref('age_groups') }} as age_groups
        on participants.age_years between age_groups.least_years and coalesce(age_groups.most_years, 999)
        or (
            participants.age_years is null
            and not participants.is_linked
            and age_groups.age_group_code = '{{ age_group }}'
        )
    where age_groups.age_group_code in ('{{ ([age_group] + bands) | join("', '") }}')
),

learning as (
    select grouped.realm, grouped.reference_date, grouped.division_code, members.dimension, members.member,
        count(*) filter (where grouped.is_linked) as persons,
        count(*) filter (where not grouped.is_linked) as unlinked_persons
    from grouped
    inner join members
        on case members.dimension
            when 'age_band' then members.member = grouped.age_group_code
            when 'sex' then members.member = grouped.sex_code and grouped.age_group_code = '{{ age_group }}'
            {% if by is not none -%}
            when '{{ by }}' then members.member = grouped.member and grouped.age_group_code = '{{ age_group }}'
            {%- endif %}
            else grouped.age_group_code = '{{ age_group }}'
        end
    group by grouped.realm, grouped.reference_date, grouped.division_code, members.dimension, members.member
)

select
    '{{ indicator_code }}' as indicator_code,
    '{{ method }}' as method,
    places.realm,
    to_char(places.reference_date, 'YYYY') as period,
    places.reference_date as as_of,
    places.division_code,
    places.prefecture_code,
    members.dimension,
    members.member,
    coalesce(learning.persons, 0) as numerator,
    coalesce(living.persons, 0) as denominator,
    coalesce(learning.unlinked_persons, 0) as unlinked_persons,
    places.is_complete,
    '分年龄常住人口不完整 residents by age are incomplete here: {{ age_group }} (source census.population_by_age)'
        as missing_note
from places
cross join members
left join living
    on places.realm = living.realm
    and places.reference_date = living.reference_date
    and places.unit_code = living.unit_code
    and members.dimension = living.dimension
    and members.member = living.member
left join learning
    on places.realm = learning.realm
    and places.reference_date = learning.reference_date
    and places.unit_code is not distinct from learning.division_code
    and members.dimension = learning.dimension
    and members.member = learning.member
{% endmacro %}
