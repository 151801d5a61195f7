{{ touched_records('base_credit_bank__cross_enrolments', through={
    'base_credit_bank__shared_courses': 'moved._record_id = records.course_code',
}) }}
