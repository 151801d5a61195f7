{{ every_version('oneroster', 'users', ['residence_division']) }}
