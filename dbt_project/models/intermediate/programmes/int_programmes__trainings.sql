with

trainings as (
    select * from {{ ref('stg_hr__trainings') }}
),

-- the register knows a programme by its name
programmes as (
    select distinct
        {{ surrogate_key(['agency_code', 'programme_name', 'training_kind_code']) }} as programme_key,
        agency_code,
        programme_name as programme_id_agency,
        'training' as programme_kind_code,
        training_kind_code as programme_category_code,
        null as grade_codes,
        null as subject_codes,
        programme_name
    from trainings
    where programme_name is not null
)

select * from programmes
