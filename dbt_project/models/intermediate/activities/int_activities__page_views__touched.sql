{{ touched_records('base_oulad__student_vle', through={
    'base_oulad__student_info': "split_part(moved._record_id, '|', 3) = records.id_student",
}) }}
