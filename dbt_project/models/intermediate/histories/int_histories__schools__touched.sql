{{ touched_records('base_oneroster__roles', through={
    'base_oneroster__users': 'moved._record_id = records.user_sourced_id',
}) }}
