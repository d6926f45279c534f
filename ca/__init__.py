"""Who issues: requests in, certificates, status and time out. Knows nobody else in this house."""
