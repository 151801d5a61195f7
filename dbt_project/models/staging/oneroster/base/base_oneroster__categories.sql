{{ latest_released('oneroster', 'categories') }}
