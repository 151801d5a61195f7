{#
    Persons of every area, grouping and member, each once in each: who is at places in two counties counts in both and
    once in their prefecture and the province. So counties need not add up to the province, nor members to the total.

    `posts` has one row or more a person and place: realm, start_year, as_of, division_code, prefecture_code, learner_key
    and a column for every dimension (name: column; those in `of_province` only for the whole province). Nearly everybody
    is at one place and is counted there before anything is spread over areas; only the others are compared.
#}
{% macro distinct_over_areas(posts, dimensions, of_province={}) %}
{%- set columns = dimensions.values() | list + of_province.values() | list %}
with

posts as (
    select distinct realm, start_year, as_of, division_code, prefecture_code, {{ columns | join(', ') }}, learner_key
    from {{ posts }}
),

ranked as (
    select posts.*, count(*) over (partition by posts.realm, posts.start_year, posts.learner_key) as places
    from posts
),

gathered as (
    select
        realm,
        start_year,
        as_of,
        division_code,
        prefecture_code,
        {% for column in columns %}
        {{ column }},
        {% endfor %}
        null::uuid as learner_key,
        count(*) as persons
    from ranked
    where places = 1
    group by realm, start_year, as_of, division_code, prefecture_code, {{ columns | join(', ') }}
    union all
    select
        realm,
        start_year,
        as_of,
        division_code,
        prefecture_code,
        {% for column in columns %}
        {{ column }},
        {% endfor %}
        learner_key,
        0 as persons
    from ranked
    where places > 1
),

spread as (
    select
        gathered.realm,
        gathered.start_year,
        gathered.as_of,
        case when members.dimension not in ({% for name in of_province %}'{{ name }}', {% endfor %}'') then gathered.division_code end
            as division_code,
        case when members.dimension not in ({% for name in of_province %}'{{ name }}', {% endfor %}'') then gathered.prefecture_code end
            as prefecture_code,
        members.dimension,
        members.member,
        gathered.learner_key,
        gathered.persons
    from gathered
    cross join lateral (
        values
        ('total', 'total')
        {%- for name, column in dimensions.items() %},
        ('{{ name }}', gathered.{{ column }})
        {%- endfor %}
        {%- for name, column in of_province.items() %},
        ('{{ name }}', gathered.{{ column }})
        {%- endfor %}
    ) as members (dimension, member)
),

placed as (
    {{ placed_in_areas('spread') }}
)

select
    realm,
    start_year,
    as_of,
    area_code,
    area_level,
    placed_dimension as dimension,
    placed_member as member,
    min(in_groups) as in_groups,
    coalesce(sum(persons), 0) + count(distinct learner_key) as persons
from placed
group by realm, start_year, as_of, area_code, area_level, placed_dimension, placed_member
{% endmacro %}
