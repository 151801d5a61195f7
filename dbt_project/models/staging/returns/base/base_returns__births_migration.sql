{{ latest_released('returns', 'births_migration') }}
