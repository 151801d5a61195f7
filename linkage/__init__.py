"""Who is the same person: by a valid resident id, and where there is none by name, birth, sex and place, weighed."""
