{{ latest_released('oulad', 'vle') }}
