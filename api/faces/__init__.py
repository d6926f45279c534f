"""One folder a wire contract; faces call services and decide nothing of their own."""
