{{ config(indexes=[{'columns': ['institution_key']}]) }}

with

united as (
    {{ united(
        models=[
            'int_institutions__course_providers',
            'int_institutions__open_universities',
            'int_institutions__schools',
            'int_institutions__senior_universities',
            'int_institutions__training_providers',
        ],
        columns=[
            'institution_key', 'root_institution_key', 'agency_code', 'institution_id_agency', 'institution_code_moe',
            'institution_code_uscc', 'institution_kind_code', 'school_kind_code', 'urban_rural_code',
            'ownership_code', 'division_code', 'is_school', 'is_teaching_point', 'institution_name', '_event_id',
        ],
    ) }}
),

successors as (
    select * from {{ ref('int_divisions__successors') }}
),

institutions as (
    select united.*, coalesce(successors.successor_code, united.division_code) as current_division_code
    from united
    left join successors on united.division_code = successors.division_code
)

select * from institutions
