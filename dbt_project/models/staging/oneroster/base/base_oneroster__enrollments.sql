{{ latest_released('oneroster', 'enrollments') }}
