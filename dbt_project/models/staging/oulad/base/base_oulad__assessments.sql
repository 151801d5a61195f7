{{ latest_released('oulad', 'assessments') }}
