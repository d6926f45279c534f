"""Who may give which reason for a revocation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cryptography import x509

from signer.errors import ApprovalRefused, NotPermitted, Refused
from signer.people import Purpose, Role

SIGNATORY: Final = "signatory"
SYSTEM: Final = "system"

REVOKERS: Final[Mapping[x509.ReasonFlags, frozenset[str]]] = {
    x509.ReasonFlags.unspecified: frozenset({Role.REGISTRAR}),
    x509.ReasonFlags.key_compromise: frozenset({SIGNATORY, Role.REGISTRAR, Role.ADMINISTRATOR}),
    x509.ReasonFlags.affiliation_changed: frozenset({Role.REGISTRAR}),
    x509.ReasonFlags.superseded: frozenset({SYSTEM, Role.REGISTRAR}),
    x509.ReasonFlags.cessation_of_operation: frozenset({Role.REGISTRAR}),
    x509.ReasonFlags.privilege_withdrawn: frozenset({Role.REGISTRAR, Role.ADMINISTRATOR}),
    x509.ReasonFlags.certificate_hold: frozenset({Role.REGISTRAR}),
}
"""What stands in no row is given by nobody here: cACompromise ends a hierarchy, removeFromCRL is for delta CRLs."""

REPLACED: Final[Mapping[Purpose, x509.ReasonFlags]] = {
    Purpose.LOST_PASSPHRASE: x509.ReasonFlags.superseded,
    Purpose.TRANSFER: x509.ReasonFlags.affiliation_changed,
}
"""Why a replaced certificate is revoked; a renewed one is not."""


def require_may_revoke(who: str, reason: x509.ReasonFlags) -> None:
    """Nothing, or `NotPermitted`. `who`: a role, `SIGNATORY` or `SYSTEM`."""
    if who not in REVOKERS.get(reason, frozenset()):
        raise NotPermitted(f"This role may not give the reason {reason.value}.", field="reason", reason="role")


def require_alone(reason: x509.ReasonFlags) -> None:
    """Nothing, or `ApprovalRefused`: one person alone ends a certificate for a lost key, which cannot wait, and for no
    other reason."""
    if reason is not x509.ReasonFlags.key_compromise:
        message = "For this reason a second person is needed: propose it, and carry it out once it is approved."
        raise ApprovalRefused(message, field="reason", reason="second-person")


def require_invalidity(reason: x509.ReasonFlags, invalid_since: datetime | None, *, at: datetime) -> None:
    """Nothing, or `Refused`: an invalidity date stands beside keyCompromise alone and not after `at` (both aware)."""
    if invalid_since is None:
        return
    if reason is not x509.ReasonFlags.key_compromise:
        message = "An invalidity date goes with keyCompromise only. Leave it out."
        raise Refused(message, field="invalidityDate", reason="other-reason")
    if invalid_since > at:
        raise Refused("The invalidity date lies in the future.", field="invalidityDate", reason="in-the-future")
