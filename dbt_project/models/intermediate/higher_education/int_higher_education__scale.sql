{% set merged, home = var('merged_continuing_weight'), var('home_province_code') -%}

with

students as (
    select * from {{ ref('higher_education') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

weights as (
    select * from {{ ref('he_form_weights') }}
),

-- a school year is counted on the day it starts, under the weights of that day
weighted as (
    select
        agencies.realm,
        make_date(students.school_year - 1, 9, 1) as as_of,
        students.origin_province_code,
        students.prefecture_code like '{{ home }}%' as is_in_province,
        students.headcount,
        case when weights.study_form_code is not null then coalesce(weights.weight, {{ merged }}) end as weight
    from students
    inner join agencies on students.agency_code = agencies.agency_code
    left join weights
        on students.study_form_code = weights.study_form_code
        and weights.valid_from <= make_date(students.school_year - 1, 9, 1)
        and (weights.valid_to is null or make_date(students.school_year - 1, 9, 1) < weights.valid_to)
    where agencies.realm is not null and students.school_year between 1900 and 2200
),

-- who counts is what the methods differ in; whose origin is not known may be the province's own
scales as (
    select
        weighted.realm,
        weighted.as_of,
        methods.method,
        methods.base_code,
        sum(weighted.headcount * methods.weight) filter (where methods.is_counted) as students,
        sum(weighted.headcount * methods.weight) filter (where methods.is_unknown) as students_unknown,
        coalesce(bool_and(methods.weight is not null) filter (where methods.is_counted), true) as is_weighted
    from weighted
    cross join lateral (
        values
        ('cn_national_on_residents', 'resident', weighted.weight, weighted.is_in_province, false),
        (
            'cn_provincial_origin', 'registered', weighted.weight, weighted.origin_province_code = '{{ home }}',
            weighted.origin_province_code = '00'
        ),
        ('uis', 'resident', 1.0, weighted.is_in_province, false)
    ) as methods (method, base_code, weight, is_counted, is_unknown)
    group by weighted.realm, weighted.as_of, methods.method, methods.base_code
)

select * from scales
