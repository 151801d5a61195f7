{{ latest_released('oulad', 'courses') }}
