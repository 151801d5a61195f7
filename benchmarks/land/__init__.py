"""What lies in a topic into PostgreSQL, exactly once: our sink, the database's own limit, and what others would use."""
