{{ latest_released('credit_bank', 'shared_courses') }}
