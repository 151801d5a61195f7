{{ config(indexes=[{'columns': ['programme_key']}]) }}

with

programmes as (
    {{ united(
        models=[
            'int_programmes__online_courses',
            'int_programmes__school_courses',
            'int_programmes__senior_courses',
            'int_programmes__shared_courses',
            'int_programmes__trainings',
            'int_programmes__university_modules',
        ],
        columns=[
            'programme_key', 'agency_code', 'programme_id_agency', 'programme_kind_code',
            'programme_category_code', 'grade_codes', 'subject_codes', 'programme_name',
        ],
    ) }}
)

select * from programmes
