"""Log-based change capture: what an agency's database says it did, by Debezium in Kafka Connect."""
