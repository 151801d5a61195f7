{{ touched_records('base_oulad__student_info') }}
