"""The Cloud Signature Consortium API, versions 1.0.4.0 and 2: two spellings of one way to a signature."""
