{{ latest_released('credit_bank', 'cross_enrolments') }}
