"""The quality officer's desk: what waits for a decision, the evidence, the decision, and what became of it."""
