{% set least, most = var('participation_least_age'), var('participation_most_age') -%}

with

residents as (
    select * from {{ ref('int_population__age_groups') }}
    where base_code = 'resident' and age_group_code = '{{ least }}_{{ most }}'
),

activities as (
    select * from {{ ref('fct_learning_activity') }}
),

learners as (
    select * from {{ ref('dim_learner') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

counties as (
    select distinct realm, division_code, prefecture_code, reference_date, is_county_complete
    from residents
),

reference_dates as (
    select distinct realm, reference_date from residents
),

-- a realm without any delivery of learning records has no participation to show, not a participation of zero
delivered as (
    select distinct agencies.realm
    from activities
    inner join agencies on activities.agency_code = agencies.agency_code
    where agencies.realm is not null
),

active as (
    select distinct agencies.realm, reference_dates.reference_date, activities.learner_key
    from activities
    inner join agencies on activities.agency_code = agencies.agency_code
    inner join reference_dates on agencies.realm = reference_dates.realm
    where activities.activity_date > reference_dates.reference_date - interval '12 months'
        and activities.activity_date <= reference_dates.reference_date
        and (activities.activity_kind_code = 'submission' or activities.clicks > 0)
),

participants as (
    select
        active.realm,
        active.reference_date,
        learners.residence_division_code as division_code,
        learners.sex_code,
        count(*) filter (where learners.is_linked) as persons,
        count(*) filter (where not learners.is_linked) as unlinked_persons
    from active
    inner join learners on active.learner_key = learners.learner_key
    -- completed years: born on 29 February turns a year older on 1 March
    where extract(year from age(active.reference_date, learners.birth_date)) between {{ least }} and {{ most }}
    group by active.realm, active.reference_date, learners.residence_division_code, learners.sex_code
),

cells as (
    select
        counties.realm,
        counties.division_code,
        counties.prefecture_code,
        counties.reference_date,
        counties.is_county_complete,
        members.dimension,
        members.member
    from counties
    inner join delivered on counties.realm = delivered.realm
    cross join (
        values ('total', 'total'), ('sex', 'male'), ('sex', 'female')
    ) as members (dimension, member)
),

county_residents as (
    select
        cells.realm,
        cells.division_code,
        cells.reference_date,
        cells.dimension,
        cells.member,
        sum(residents.persons) as residents
    from cells
    inner join residents
        on cells.realm = residents.realm
        and cells.division_code = residents.division_code
        and cells.reference_date = residents.reference_date
        and (cells.dimension = 'total' or cells.member = residents.sex_code)
    group by cells.realm, cells.division_code, cells.reference_date, cells.dimension, cells.member
),

county_participants as (
    select
        cells.realm,
        cells.division_code,
        cells.reference_date,
        cells.dimension,
        cells.member,
        sum(participants.persons) as persons,
        sum(participants.unlinked_persons) as unlinked_persons
    from cells
    inner join participants
        on cells.realm = participants.realm
        and cells.division_code = participants.division_code
        and cells.reference_date = participants.reference_date
        and (cells.dimension = 'total' or cells.member = participants.sex_code)
    group by cells.realm, cells.division_code, cells.reference_date, cells.dimension, cells.member
),

counted as (
    select
        cells.*,
        coalesce(county_residents.residents, 0) as residents,
        coalesce(county_participants.persons, 0) as persons,
        coalesce(county_participants.unlinked_persons, 0) as unlinked_persons
    from cells
    left join county_residents
        on cells.realm = county_residents.realm
        and cells.division_code = county_residents.division_code
        and cells.reference_date = county_residents.reference_date
        and cells.dimension = county_residents.dimension
        and cells.member = county_residents.member
    left join county_participants
        on cells.realm = county_participants.realm
        and cells.division_code = county_participants.division_code
        and cells.reference_date = county_participants.reference_date
        and cells.dimension = county_participants.dimension
        and cells.member = county_participants.member
),

cells_of_counties as (
    select
        'lifelong_learning_participation' as indicator_code,
        'administrative_12m' as method,
        realm,
        to_char(reference_date, 'YYYY') as period,
        reference_date as as_of,
        division_code,
        prefecture_code,
        dimension,
        member,
        persons as numerator,
        residents as denominator,
        unlinked_persons,
        is_county_complete as is_complete,
        'census.population_by_age: ages {{ least }} to {{ most }} of this area are incomplete' as missing_note
    from counted
),

indicator as (
    {{ sums_over_sums('cells_of_counties', nobody='no residents of this age') }}
)

select * from indicator
