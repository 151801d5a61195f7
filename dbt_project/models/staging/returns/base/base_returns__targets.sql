{{ latest_released('returns', 'targets') }}
