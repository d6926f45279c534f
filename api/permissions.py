"""What a client may be allowed to do. The values are the OAuth scopes (RFC 6749, section 3.3)."""

from enum import StrEnum


class Permission(StrEnum):
    """One right of an application."""

    SIGNATURE_CREATE = "signature:create"
    """Have a document signed with a credential."""
    SIGNATURE_READ = "signature:read"
    """Read the records and the documents that the same client had signed."""
