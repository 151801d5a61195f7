"""What Airflow runs: one file a stage, looped over the registry, without logic of its own."""
