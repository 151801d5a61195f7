{{ touched_records('base_caliper__events') }}
