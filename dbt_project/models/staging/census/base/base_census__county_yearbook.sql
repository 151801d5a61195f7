{{ latest_released('census', 'county_yearbook') }}
