{{ latest_released('census', 'population_by_age') }}
