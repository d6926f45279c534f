"""Files of officials: read with suspicion, checked whole, taken in row by row exactly once."""
