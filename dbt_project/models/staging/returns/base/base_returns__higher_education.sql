{{ latest_released('returns', 'higher_education') }}
