{{ latest_released('oulad', 'student_assessment', also_indexed=['id_student', 'id_assessment']) }}
