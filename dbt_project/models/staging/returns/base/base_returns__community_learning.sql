{{ latest_released('returns', 'community_learning') }}
