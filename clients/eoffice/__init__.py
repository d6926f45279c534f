"""A small e-office that rests on Teken through its public contract alone. Features are plugged in, one file each."""
