{{ latest_released('returns', 'schools') }}
