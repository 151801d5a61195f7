"""Apache Kafka: one real broker (KRaft, combined controller) from the jars of a pinned pom."""
