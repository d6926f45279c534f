"""Who judges: bytes in, a report out; no database, no keys, no network. Knows nobody else in this house."""
