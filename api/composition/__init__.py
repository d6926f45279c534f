"""The rooms of the composition root, `api/compose.py`: what it joins, in the order in which it does."""
