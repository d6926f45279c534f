"""Batches: their service, and the jobs that work for them."""
