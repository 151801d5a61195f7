{{ latest_released('hr', 'employments') }}
