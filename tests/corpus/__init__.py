"""Files as offices, and attackers, really send them; see README.md."""
