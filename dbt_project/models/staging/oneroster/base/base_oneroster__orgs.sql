{{ latest_released('oneroster', 'orgs') }}
