{{ touched_records('base_hr__skill_certificates') }}
