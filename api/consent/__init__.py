"""Consent and factors: the door of clients, the pages of people, the timed work."""
