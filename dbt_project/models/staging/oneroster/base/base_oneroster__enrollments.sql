{{ latest_released('oneroster', 'enrollments', also_indexed=['user_sourced_id', 'class_sourced_id']) }}
