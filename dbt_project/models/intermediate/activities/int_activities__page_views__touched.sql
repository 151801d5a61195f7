{{ touched_records('base_oulad__student_vle', through={
    'base_oulad__student_info': "split_part(moved._record_id, '|', 3) = records.id_student",
    'int_persons__moved': "moved.source_name = 'oulad' and moved.person_id_agency = records.id_student",
}) }}
