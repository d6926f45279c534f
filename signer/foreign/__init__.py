"""Another CA certifies our officials: requests out, answers in, their status fetched (PKI reference, 14)."""
