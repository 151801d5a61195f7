{{ touched_records('base_hr__employments', through={
    'int_persons__moved': "moved.source_name = 'hr' and moved.person_id_agency = 'hr__employments|' || records._record_id",
}) }}
