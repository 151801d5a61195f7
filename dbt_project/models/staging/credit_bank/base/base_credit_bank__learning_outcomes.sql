{{ latest_released('credit_bank', 'learning_outcomes') }}
