"""What surrounds a signature: kinds of letters, and what becomes of letters afterwards."""
