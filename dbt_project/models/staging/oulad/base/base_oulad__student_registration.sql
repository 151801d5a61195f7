{{ latest_released('oulad', 'student_registration', also_indexed=['id_student']) }}
