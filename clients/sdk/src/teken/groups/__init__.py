"""The operations, in groups; each is written once and carried out by `Teken` and by `AsyncTeken`."""
