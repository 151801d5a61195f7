{{ touched_records('base_credit_bank__learning_outcomes') }}
