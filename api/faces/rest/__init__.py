"""Our own contract: sign a document, read what was signed, verify any document."""
