{{ touched_records('base_hr__employments') }}
