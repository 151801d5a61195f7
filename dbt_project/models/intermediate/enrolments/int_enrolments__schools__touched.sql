{{ touched_records('base_oneroster__enrollments', through={
    'base_oneroster__users': 'moved._record_id = records.user_sourced_id',
    'base_oneroster__classes': 'moved._record_id = records.class_sourced_id',
    'base_oneroster__academic_sessions': [
        'base_oneroster__classes',
        "',' || replace(step.term_sourced_ids, ' ', '') || ',' like '%,' || moved._record_id || ',%'",
        'step._record_id = records.class_sourced_id',
    ],
    'int_persons__moved': "moved.source_name = 'oneroster' and moved.person_id_agency = records.user_sourced_id",
}) }}
