{{ every_version(
    'oulad', 'student_info', ['id_student', 'code_presentation', 'cn_residence_division'], also_indexed=['id_student'],
) }}
