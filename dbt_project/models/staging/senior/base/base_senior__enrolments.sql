{{ latest_released('senior', 'enrolments') }}
