{{ latest_released('credit_bank', 'deposits') }}
