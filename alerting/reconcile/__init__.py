"""Compares the same records at every step of their way, by set: what one step sent on, the next must hold."""
