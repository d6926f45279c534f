"""Who may do what. The values are the OAuth scopes (RFC 6749, section 3.3); staff have those of their role."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from signer.people import Role


class Permission(StrEnum):
    """One right of an application or of a member of staff. In the order of their words."""

    ACTIVATION_CREATE = "activation:create"
    """Ask signatories for consent on the service's own page, and read what became of it."""
    APPROVAL_DECIDE = "approval:decide"
    """Be the second person."""
    APPROVAL_READ = "approval:read"
    """See what waits for a second person."""
    AUDIT_READ = "audit:read"
    """Read, check and export the audit trail."""
    AUGMENTATION_CREATE = "augmentation:create"
    """Have a signed document raised to a higher level."""
    CERTIFICATE_RENEW = "certificate:renew"
    """Ask an official to renew."""
    CERTIFICATE_REVOKE = "certificate:revoke"
    """End a certificate for good, with the reasons that the role may give."""
    CERTIFICATE_SUSPEND = "certificate:suspend"
    """Stop a credential from signing, and let it sign again."""
    CLIENT_MANAGE = "client:manage"
    """Register, change and disable applications."""
    CREDENTIAL = "credential"
    """Sign what a person approved for exactly this, at the authorization endpoint (CSC API, scope `credential`)."""
    CREDENTIAL_LIST = "credential:list"
    """See with which credentials the same client may have documents signed."""
    CREDENTIAL_READ = "credential:read"
    """Search for officials and see where their certificates stand."""
    ENROLMENT_CREATE = "enrolment:create"
    """Ask the office that somebody gets a certificate."""
    ESIGN_MANAGE = "esign:manage"
    """Give applications API credentials of the gateway, change and end them."""
    EVENT_READ = "event:read"
    """Read the events of the same client's own things."""
    JOB_MANAGE = "job:manage"
    """Begin a failed job anew, end one that waits or runs."""
    JOB_READ = "job:read"
    """See what waits for workers, what runs and what failed."""
    KIND_MANAGE = "kind:manage"
    """Decide which lists of excluded kinds hold for an application."""
    LETTER_WITHDRAW = "letter:withdraw"
    """Withdraw a letter, whichever application had it signed."""
    OPERATION_READ = "operation:read"
    """See how the service stands: checks, alarms, ends of CRLs and keys, renewals to come, settings without secrets."""
    PASSPHRASE_CHANGE = "passphrase:change"  # noqa: S105 - a right, no secret
    """Pass on an official's wish for another passphrase, with the one of today."""
    PROPOSAL_CREATE = "proposal:create"
    """Ask a second person for an act of the CA."""
    REGISTRATION_CREATE = "registration:create"
    """Register officials and hand out their one-time links."""
    REGISTRATION_READ = "registration:read"
    """See open registrations."""
    REPORT_READ = "report:read"
    """Read figures over all applications: documents, verifications, pages not printed. No person is in them."""
    SEAL_ACTIVATE = "seal:activate"
    """Let a client seal so many documents for a day with the seal of an organisation, and take that back."""
    SEAL_ENROL = "seal:enrol"
    """Make the seal of an organisation."""
    SERVICE = "service"
    """Call the API of the Cloud Signature Consortium, without signing (its scope `service`)."""
    SIGNATURE_CREATE = "signature:create"
    """Have a document signed with the signatory's passphrase, where `signing.passphrase_through_api` allows it."""
    SIGNATURE_READ = "signature:read"
    """Read the records and the documents that the same client had signed."""
    SIGNATURE_WITHDRAW = "signature:withdraw"
    """Withdraw letters that the same client had signed."""
    STAFF_MANAGE = "staff:manage"
    """Add and disable accounts of staff."""
    WEBHOOK_MANAGE = "webhook:manage"
    """Have the same client's events delivered, and see how that goes."""
    WEBHOOK_OPERATE = "webhook:operate"
    """Pause any application's webhook, let it work again, and have its deliveries made anew."""
    WEBHOOK_READ = "webhook:read"
    """See how the delivery of events goes, over all applications."""


APPLICATION_PERMISSIONS: Final = frozenset(
    {
        Permission.AUGMENTATION_CREATE,
        Permission.ACTIVATION_CREATE,
        Permission.CREDENTIAL,
        Permission.CREDENTIAL_LIST,
        Permission.ENROLMENT_CREATE,
        Permission.EVENT_READ,
        Permission.PASSPHRASE_CHANGE,
        Permission.SERVICE,
        Permission.SIGNATURE_CREATE,
        Permission.SIGNATURE_READ,
        Permission.SIGNATURE_WITHDRAW,
        Permission.WEBHOOK_MANAGE,
    }
)
"""What an application may be given. Everything else belongs to people."""

ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.APPROVAL_READ,
            Permission.CERTIFICATE_REVOKE,
            Permission.CLIENT_MANAGE,
            Permission.CREDENTIAL_READ,
            Permission.ESIGN_MANAGE,
            Permission.JOB_MANAGE,
            Permission.JOB_READ,
            Permission.KIND_MANAGE,
            Permission.OPERATION_READ,
            Permission.PROPOSAL_CREATE,
            Permission.REPORT_READ,
            Permission.SEAL_ENROL,
            Permission.STAFF_MANAGE,
            Permission.WEBHOOK_OPERATE,
            Permission.WEBHOOK_READ,
        }
    ),
    Role.REGISTRAR: frozenset(
        {
            Permission.APPROVAL_READ,
            Permission.CERTIFICATE_RENEW,
            Permission.CERTIFICATE_REVOKE,
            Permission.CERTIFICATE_SUSPEND,
            Permission.CREDENTIAL_READ,
            Permission.LETTER_WITHDRAW,
            Permission.PROPOSAL_CREATE,
            Permission.REGISTRATION_CREATE,
            Permission.REGISTRATION_READ,
            Permission.REPORT_READ,
        }
    ),
    Role.APPROVER: frozenset(
        {
            Permission.APPROVAL_DECIDE,
            Permission.APPROVAL_READ,
            Permission.CREDENTIAL_READ,
            Permission.REGISTRATION_READ,
            Permission.REPORT_READ,
            Permission.SEAL_ACTIVATE,
        }
    ),
    Role.AUDITOR: frozenset({Permission.AUDIT_READ}),
    Role.CUSTODIAN: frozenset(),
}
"""What each role may do. No permission that starts an act meets the one that approves it, and the
audit trail is read by auditors alone, who change nothing."""

ROLE_SCOPES: Final[Mapping[str, frozenset[str]]] = {
    role.value: frozenset(str(each) for each in given) for role, given in ROLE_PERMISSIONS.items()
}
"""The same in the words of tokens: what an account of staff may ask for, by its role of this moment."""
