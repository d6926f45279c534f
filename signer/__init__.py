"""Who signs: documents in, PAdES documents out. Knows nobody else in this house."""
