"""What certificates point at: CRLs, CA certificates, the OCSP responder and the time-stamping authority."""
