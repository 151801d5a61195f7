{{ config(grants={'select': ['engineer', 'flyover_linker']}) }}

with

stated as (
    {{ united(
        models=[
            'int_persons__caliper',
            'int_persons__credit_bank',
            'int_persons__hr',
            'int_persons__oneroster',
            'int_persons__oulad',
            'int_persons__senior',
            'int_persons__xapi',
        ],
        columns=[
            'agency_code', 'source_name', 'source_entity', 'record_id', 'person_id_agency', 'person_key',
            'id_status_code', 'birth_date', 'sex_code', 'residence_division_code', 'is_residence_asked', '_event_id',
        ],
    ) }}
)

select * from stated
