"""What a quality officer decides about rows and batches, and what follows from it; the one way decisions are taken."""
