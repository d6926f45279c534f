"""Webhooks: events delivered to the applications that they concern."""
