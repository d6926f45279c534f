"""Tables: signed checkpoints of the audit trail."""
