{{ touched_records('base_oulad__student_assessment', through={
    'base_oulad__student_info': "split_part(moved._record_id, '|', 3) = records.id_student",
    'base_oulad__assessments': 'moved._record_id = records.id_assessment',
}) }}
