"""Tables: pre-signed OCSP answers, holds, and the clock's last good state."""
