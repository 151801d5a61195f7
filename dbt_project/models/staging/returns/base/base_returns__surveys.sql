{{ latest_released('returns', 'surveys') }}
