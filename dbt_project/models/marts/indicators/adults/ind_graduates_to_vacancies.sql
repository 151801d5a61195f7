with

graduates as (
    select * from {{ ref('int_graduates__by_occupation') }}
),

vacancies as (
    select * from {{ ref('int_vacancies__yearly') }}
),

years as (
    select realm, data_year, bool_or(has_graduates) as has_graduates, bool_or(has_vacancies) as has_vacancies
    from (
        select realm, data_year, true as has_graduates, false as has_vacancies from graduates
        union all
        select realm, data_year, false as has_graduates, true as has_vacancies from vacancies
    ) as returned
    group by realm, data_year
),

-- a county with vacancies and no university counts, and the other way round
counted as (
    select realm, data_year, division_code, prefecture_code, occupation_major_code, graduates, 0 as vacancies
    from graduates
    union all
    select realm, data_year, division_code, prefecture_code, occupation_major_code, 0 as graduates, vacancies
    from vacancies
),

-- an area without a return of vacancies has an unknown number of them, not none: its graduates count above it alone
returned as (
    select
        counted.*,
        bool_or(counted.vacancies > 0) over (partition by counted.realm, counted.data_year, counted.division_code)
            as is_county_returned,
        bool_or(counted.vacancies > 0) over (partition by counted.realm, counted.data_year, counted.prefecture_code)
            as is_prefecture_returned
    from counted
),

counties as (
    select
        realm,
        data_year,
        case when is_county_returned then division_code end as division_code,
        case when is_prefecture_returned then prefecture_code end as prefecture_code,
        occupation_major_code,
        sum(graduates) as graduates,
        sum(vacancies) as vacancies
    from returned
    group by
        realm, data_year, case when is_county_returned then division_code end,
        case when is_prefecture_returned then prefecture_code end, occupation_major_code
),

occupations as (
    select realm, data_year, occupation_major_code, sum(graduates) as graduates, sum(vacancies) as vacancies
    from counties
    group by realm, data_year, occupation_major_code
),

fields as (
    select realm, data_year, isced_f_broad_code, occupation_major_code, sum(graduates) as graduates
    from graduates
    group by realm, data_year, isced_f_broad_code, occupation_major_code
),

-- fields for the province alone: a field gets the vacancies of its occupations by its share of their graduates; beside
-- that, all vacancies of an occupation are set against the graduates of each field that leads to it
members as (
    select realm, data_year, division_code, prefecture_code, 'total' as dimension, 'total' as member,
        graduates, vacancies
    from counties
    union all
    select realm, data_year, division_code, prefecture_code, 'occupation' as dimension,
        occupation_major_code as member, graduates, vacancies
    from counties
    union all
    select
        fields.realm,
        fields.data_year,
        null as division_code,
        null as prefecture_code,
        listed.dimension,
        listed.member,
        fields.graduates,
        listed.vacancies
    from fields
    inner join occupations
        on fields.realm = occupations.realm
        and fields.data_year = occupations.data_year
        and fields.occupation_major_code = occupations.occupation_major_code
    cross join lateral (
        values
        (
            'field', fields.isced_f_broad_code,
            occupations.vacancies * fields.graduates / nullif(occupations.graduates, 0)
        ),
        (
            'field_occupation', fields.isced_f_broad_code || ':' || fields.occupation_major_code,
            occupations.vacancies
        )
    ) as listed (dimension, member, vacancies)
),

cells as (
    select
        'graduates_to_vacancies' as indicator_code,
        'isced_f_crosswalk' as method,
        members.realm,
        members.data_year as period,
        make_date(members.data_year::integer, 12, 31) as as_of,
        members.division_code,
        members.prefecture_code,
        members.dimension,
        members.member,
        members.vacancies as numerator,
        members.graduates as denominator,
        null::bigint as unlinked_persons,
        years.has_graduates and years.has_vacancies as is_complete,
        case
            when not years.has_graduates then '高校毕业生报表 graduates by field of this year (source returns.graduates)'
            else '招聘岗位报表 vacancies by occupation of this year (source returns.vacancies)'
        end as missing_note
    from members
    inner join years on members.realm = years.realm and members.data_year = years.data_year
),

indicator as (
    {{ sums_over_sums('cells', per=1, nobody='nobody graduated for this here') }}
)

select * from indicator
