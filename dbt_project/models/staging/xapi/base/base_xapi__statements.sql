{{ latest_released('xapi', 'statements') }}
