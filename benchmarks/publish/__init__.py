"""What lies in the outbox onto its topic, against what the client can send at all."""
