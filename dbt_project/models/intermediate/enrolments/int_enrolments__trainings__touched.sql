{{ touched_records('base_hr__trainings') }}
