{{ latest_released('senior', 'enrolments', also_indexed=['student_card_no']) }}
