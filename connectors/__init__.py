"""From agencies to landing: sources, outbox, producer, sink. No Airflow."""
