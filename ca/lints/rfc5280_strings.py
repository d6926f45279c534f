"""RFC 5280, 4.1.2.4 and appendix A.1: how the texts of a name are encoded."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509.oid import NameOID

from ca.lints.model import Candidate, Finding

_LONGEST: Final = 64  # ub-common-name, ub-organization-name, ub-organizational-unit-name, ub-serial-number
_PRINTABLE: Final = (NameOID.COUNTRY_NAME, NameOID.SERIAL_NUMBER)
_UTF8_STRING: Final = b"\x0c"
_PRINTABLE_STRING: Final = b"\x13"


def rfc5280_strings(candidate: Candidate) -> Iterator[Finding]:
    """C and serialNumber printable, the rest UTF-8; NFC, no control characters, no outer blanks, at most 64 long."""
    for attribute in candidate.certificate.subject:
        text, name = str(attribute.value), attribute.oid.dotted_string
        if text != unicodedata.normalize("NFC", text) or text != text.strip() or not text:
            yield Finding(code="rfc5280.strings", detail=f"attribute {name} is empty, has outer blanks, or is not NFC")
        if any(unicodedata.category(character).startswith("C") for character in text):
            yield Finding(code="rfc5280.strings", detail=f"attribute {name} has control characters")
        if len(text) > _LONGEST:
            yield Finding(code="rfc5280.strings", detail=f"attribute {name} is longer than {_LONGEST}")
        if _tag(attribute) != (_PRINTABLE_STRING if attribute.oid in _PRINTABLE else _UTF8_STRING):
            yield Finding(code="rfc5280.strings", detail=f"attribute {name} is of another string type")


@asn1.sequence
class _TypeAndValue:
    type: x509.ObjectIdentifier
    value: asn1.TLV


@asn1.sequence
class _OneAttribute:
    rdn: asn1.SetOf[_TypeAndValue]


def _tag(attribute: x509.NameAttribute[str | bytes]) -> bytes:
    encoded = asn1.decode_der(_OneAttribute, x509.Name([attribute]).public_bytes())
    return encoded.rdn.as_list()[0].value.tag_bytes
