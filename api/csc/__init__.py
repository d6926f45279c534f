"""The Cloud Signature Consortium API behind its doors: what the face needs, put together."""
