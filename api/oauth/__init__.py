"""OAuth 2.0: who applications are, what they may do for people, and with which tokens."""
