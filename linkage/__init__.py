"""Who is the same person: exact where a resident id is valid, weighed from name, birth, sex and place where it is not."""
