"""Receipts of checks: one page, sealed and timestamped by the house."""
