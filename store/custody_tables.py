"""Tables: versions of wrapping keys, and the canary."""
