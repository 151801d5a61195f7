{{ touched_records('base_hr__skill_certificates', through={
    'int_persons__moved': "moved.source_name = 'hr' and moved.person_id_agency = 'hr__skill_certificates|' || records._record_id",
}) }}
