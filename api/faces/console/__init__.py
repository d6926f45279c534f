"""The console: what staff do in a browser."""
