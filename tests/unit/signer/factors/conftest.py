"""Every test here runs on SQLite and on PostgreSQL, each on an empty, migrated database of its own."""
