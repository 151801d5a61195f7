{{ latest_released('hr', 'skill_certificates') }}
