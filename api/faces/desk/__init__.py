"""The page for people who sign: what is signed, the factors for it, and the factors themselves."""
