{{ latest_released('oneroster', 'courses') }}
