"""OAuth 2.0: how clients prove who they are (RFC 6749, 2.3; RFC 7523; RFC 8705)."""
