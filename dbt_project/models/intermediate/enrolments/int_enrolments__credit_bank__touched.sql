{{ touched_records('base_credit_bank__cross_enrolments', through={
    'base_credit_bank__shared_courses': 'moved._record_id = records.course_code',
    'int_persons__moved': "moved.source_name = 'credit_bank'"
        ~ " and moved.person_id_agency = 'credit_bank__cross_enrolments|' || records._record_id",
}) }}
