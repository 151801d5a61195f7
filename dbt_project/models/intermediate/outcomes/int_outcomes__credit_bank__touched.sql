{{ touched_records('base_credit_bank__learning_outcomes', through={
    'int_persons__moved': "moved.source_name = 'credit_bank'"
        ~ " and moved.person_id_agency = 'credit_bank__learning_outcomes|' || records._record_id",
}) }}
