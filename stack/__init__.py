"""What `./flyover up` starts: PostgreSQL, Apache Kafka and Airflow as processes of one state directory."""
