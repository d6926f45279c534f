"""What became of a client's own things: read in their order."""
