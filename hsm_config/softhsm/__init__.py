"""SoftHSM: the token that development, tests and small installations use."""
