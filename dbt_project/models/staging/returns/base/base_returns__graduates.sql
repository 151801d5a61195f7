{{ latest_released('returns', 'graduates') }}
