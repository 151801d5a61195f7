{{ latest_released('oulad', 'student_registration') }}
