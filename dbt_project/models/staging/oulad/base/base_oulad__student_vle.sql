{{ latest_released('oulad', 'student_vle') }}
