{{ latest_released('oneroster', 'academic_sessions') }}
