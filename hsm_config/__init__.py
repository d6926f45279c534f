"""Where keys live: the only importer of python-pkcs11. Knows nobody else in this house."""
