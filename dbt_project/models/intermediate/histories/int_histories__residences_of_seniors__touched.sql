{{ touched_records('base_senior__enrolments') }}
