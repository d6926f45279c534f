"""What approvals are good for, and nothing else: the texts that bind a second person's word to one act."""

import hashlib
from collections.abc import Sequence
from typing import Final

from cryptography import x509

from signer.people import Approval
from signer.revoking import REVOKERS

OFFICIALS_REASONS: Final = tuple(each for each in REVOKERS if each is not x509.ReasonFlags.certificate_hold)
"""With which a certificate may end."""


def revocation_of(serials: Sequence[int], reason: x509.ReasonFlags) -> str:
    """This reason, and these serial numbers (ascending, each once) and no other."""
    text = "\n".join((reason.value, *(f"{serial:x}" for serial in serials)))
    return f"bulk:{hashlib.sha256(text.encode()).hexdigest()}"


def release_of(serial: int) -> str:
    """The end of a hold."""
    return f"hold:{serial:040x}"


def handover(document: str, number: int, appointment: str) -> str:
    """That this step goes to the deputy of this appointment."""
    return f"handover:{document}:{number}:{appointment}"


def handover_of(about: str) -> tuple[str, int, str]:
    """Document, number of the step and appointment of such a text."""
    _, document, number, appointment = about.split(":")
    return document, int(number), appointment


def registration(registration_id: str) -> str:
    """That a registration goes on."""
    return f"registration:{registration_id}"


def import_of(import_id: str) -> str:
    """Every row of one file."""
    return f"import:{import_id}"


def factor_reset(signatory_id: str) -> str:
    """That all second factors of somebody end."""
    return f"factors:{signatory_id}"


def first_factor(signatory_id: str) -> str:
    """That somebody who has no second factor gets a first one."""
    return f"first-factor:{signatory_id}"


def revoked_serials(approval: Approval) -> tuple[int, ...]:
    """The certificates that an approved list names, ascending."""
    return tuple(int(each, 16) for each in approval.subjects)


def revoked_for(approval: Approval) -> x509.ReasonFlags | None:
    """The reason of an approved list of certificates; `None` where list and approval do not belong together."""
    serials = revoked_serials(approval)
    return next((each for each in OFFICIALS_REASONS if revocation_of(serials, each) == approval.object), None)
