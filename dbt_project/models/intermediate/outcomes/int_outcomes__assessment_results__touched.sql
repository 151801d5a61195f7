{{ touched_records('base_oulad__student_assessment', through={
    'base_oulad__student_info': "split_part(moved._record_id, '|', 3) = records.id_student",
    'base_oulad__assessments': 'moved._record_id = records.id_assessment',
    'int_persons__moved': "moved.source_name = 'oulad' and moved.person_id_agency = records.id_student",
}) }}
