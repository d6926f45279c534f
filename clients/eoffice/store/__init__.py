"""What the office remembers, in a database of its own: SQLite by default, PostgreSQL by setting."""
