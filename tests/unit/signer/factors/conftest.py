"""Every test here runs on SQLite and on PostgreSQL, each on an empty, migrated database of its own."""

from tests.support.databases import database, database_url, postgres, sqlite_template

__all__ = ["database", "database_url", "postgres", "sqlite_template"]
