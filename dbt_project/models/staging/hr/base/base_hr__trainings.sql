{{ latest_released('hr', 'trainings') }}
