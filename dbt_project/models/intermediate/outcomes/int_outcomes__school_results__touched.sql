{{ touched_records('base_oneroster__results', through={
    'base_oneroster__users': 'moved._record_id = records.student_sourced_id',
    'base_oneroster__line_items': 'moved._record_id = records.line_item_sourced_id',
    'base_oneroster__classes': [
        'base_oneroster__line_items',
        'moved._record_id = step.class_sourced_id',
        'step._record_id = records.line_item_sourced_id',
    ],
    'int_persons__moved': "moved.source_name = 'oneroster' and moved.person_id_agency = records.student_sourced_id",
}) }}
