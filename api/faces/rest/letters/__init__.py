"""What surrounds a signature, for the applications that asked for it: each route declared once, as for staff."""
