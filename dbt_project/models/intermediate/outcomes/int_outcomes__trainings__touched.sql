{{ touched_records('base_hr__trainings', through={
    'int_persons__moved': "moved.source_name = 'hr' and moved.person_id_agency = 'hr__trainings|' || records._record_id",
}) }}
