-- the bank numbers outcomes and enrolments, and an account names nobody
{{ persons_of_records('credit_bank', tables={
    'credit_bank__cross_enrolments': 'stg_credit_bank__cross_enrolments',
    'credit_bank__learning_outcomes': 'stg_credit_bank__learning_outcomes',
}) }}
