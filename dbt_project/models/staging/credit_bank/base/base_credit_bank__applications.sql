{{ latest_released('credit_bank', 'applications') }}
