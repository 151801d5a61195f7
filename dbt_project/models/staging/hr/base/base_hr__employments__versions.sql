{{ every_version('hr', 'employments', ['employer_uscc', 'start_date', 'end_date']) }}
