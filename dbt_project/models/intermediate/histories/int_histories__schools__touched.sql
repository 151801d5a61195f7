{{ touched_records('base_oneroster__roles') }}
