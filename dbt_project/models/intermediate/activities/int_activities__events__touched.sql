{{ touched_records('base_caliper__events', through={
    'int_persons__moved': "moved.source_name = 'caliper' and moved.person_id_agency = records.actor",
}) }}
