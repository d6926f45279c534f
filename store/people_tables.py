"""Tables: registrations, approvals, staff and one-time links."""
