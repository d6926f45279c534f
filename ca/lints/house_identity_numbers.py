"""House rule: no certificate carries a NIK (16 digits) or a NIP (18 digits).

organizationIdentifier is exempt: a tax number of a government body has 15 or 16 digits and names no person.
"""

import re
from collections.abc import Iterator
from typing import Final

from cryptography.x509.oid import NameOID

from ca.lints.model import Candidate, Finding

IDENTITY_NUMBER: Final = re.compile(r"(?<!\d)(\d{16}|\d{18})(?!\d)")
_SEPARATORS: Final = re.compile(r"(?<=\d)[ .\-/](?=\d)")


def house_identity_numbers(candidate: Candidate) -> Iterator[Finding]:
    """No run of 16 or 18 digits in the subject, however it is grouped. The finding does not repeat the number."""
    for attribute in candidate.certificate.subject:
        exempt = attribute.oid == NameOID.ORGANIZATION_IDENTIFIER
        if not exempt and IDENTITY_NUMBER.search(_SEPARATORS.sub("", str(attribute.value))):
            detail = f"subject attribute {attribute.oid.dotted_string} looks like an identity number"
            yield Finding(code="house.identity_numbers", detail=detail)
