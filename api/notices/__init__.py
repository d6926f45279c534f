"""Notices that certificates end, on their way to people: mail and webhook."""
