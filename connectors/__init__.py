"""Agencies' own systems on one side, Kafka and landing on the other."""
