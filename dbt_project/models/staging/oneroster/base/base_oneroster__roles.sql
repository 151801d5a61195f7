{{ latest_released('oneroster', 'roles') }}
