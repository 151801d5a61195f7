"""What was found, for people: made from stored results, never from the rows themselves."""
