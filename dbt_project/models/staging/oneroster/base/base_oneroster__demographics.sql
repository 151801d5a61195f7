{{ latest_released('oneroster', 'demographics') }}
