{{ latest_released('oulad', 'student_info') }}
