"""Ground floor: settings, contracts, names, envelope, pseudonyms, Kafka and PostgreSQL access. No Airflow."""
