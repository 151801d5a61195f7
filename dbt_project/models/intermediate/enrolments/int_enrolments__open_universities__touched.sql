-- A student is resolved from all of his records, so one of them touches every registration of his.
{{ touched_records('base_oulad__student_registration', through={
    'base_oulad__student_info': "split_part(moved._record_id, '|', 3) = records.id_student",
    'base_oulad__courses': "moved._record_id = concat_ws('|', records.code_module, records.code_presentation)",
    'int_persons__moved': "moved.source_name = 'oulad' and moved.person_id_agency = records.id_student",
}) }}
