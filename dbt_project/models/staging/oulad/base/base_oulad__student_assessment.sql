{{ latest_released('oulad', 'student_assessment') }}
