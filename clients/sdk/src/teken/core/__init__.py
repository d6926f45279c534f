"""The core: what is sent, repeated, waited for and read, without any input or output of its own."""
