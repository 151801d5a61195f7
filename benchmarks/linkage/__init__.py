"""How well and how fast records are linked to persons: precision, recall, time and memory on people who are known."""
