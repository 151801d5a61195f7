{{ every_version(
    'oneroster', 'roles',
    ['user_sourced_id', 'org_sourced_id', 'role', 'role_type', 'begin_date', 'end_date'],
    also_indexed=['user_sourced_id'],
) }}
