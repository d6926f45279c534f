"""Tables: imports, notices, and certificates of other issuers."""
