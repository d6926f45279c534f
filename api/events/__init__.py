"""Events on their way to applications."""
