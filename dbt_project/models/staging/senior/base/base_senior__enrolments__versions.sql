{{ every_version(
    'senior', 'enrolments', ['school_code', 'student_card_no', 'residence_division', 'enrol_date'],
    also_indexed=['student_card_no'],
) }}
