"""What the DAG files share: assets, the watchers that wake them, the retry policy, the alarm."""
