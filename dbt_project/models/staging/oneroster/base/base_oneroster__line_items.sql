{{ latest_released('oneroster', 'line_items') }}
