"""Another CA certifies our officials: requests out, answers in, their status fetched."""
