{{ persons_of_records('hr', tables={
    'hr__employments': 'stg_hr__employments',
    'hr__skill_certificates': 'stg_hr__skill_certificates',
    'hr__trainings': 'stg_hr__trainings',
}) }}
