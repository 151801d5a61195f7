-- A student is resolved from all records of one card, so one of them touches the others; a deleted record has no
-- columns left, its id still begins with the school and ends with the card.
{{ touched_records('base_senior__enrolments', through={
    'base_senior__enrolments': "split_part(moved._record_id, '|', -1) = records.student_card_no"
        ~ " and starts_with(moved._record_id, records.school_code || '|')",
    'int_persons__moved': "moved.source_name = 'senior'"
        ~ " and moved.person_id_agency = concat_ws('|', records.school_code, records.student_card_no)",
}) }}
