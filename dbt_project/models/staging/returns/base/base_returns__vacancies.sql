{{ latest_released('returns', 'vacancies') }}
