"""What others would use to land a topic in PostgreSQL, run in environments of their own (pyproject.toml, uv.lock here).

Nothing in this folder may import Flyover: it runs where Flyover is not installed.
"""
