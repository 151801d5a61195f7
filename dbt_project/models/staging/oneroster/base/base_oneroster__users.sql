{{ latest_released('oneroster', 'users') }}
