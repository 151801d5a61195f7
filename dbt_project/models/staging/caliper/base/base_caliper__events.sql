{{ latest_released('caliper', 'events') }}
