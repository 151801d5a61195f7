{{ latest_released('oneroster', 'classes') }}
