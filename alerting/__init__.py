"""Finds out what is wrong and tells who can mend it: the books compared at every step, alerts by state, messages."""
