{{ latest_released('oulad', 'student_vle', also_indexed=['id_student']) }}
