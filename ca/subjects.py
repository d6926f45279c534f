"""From a `Subject` to an X.509 name: one attribute an RDN, in the profile's order (RFC 5280, 4.1.2.4).

Software never splits or doubles a name: what the registration officer filled is what the certificate says.
"""

import re
import unicodedata
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.errors import RequestRefused
from ca.model import PkiNames, Subject
from ca.profiles import Profile, Semantics

_FIELDS: Final = {
    NameOID.COUNTRY_NAME: "country",
    NameOID.ORGANIZATION_NAME: "organisation",
    NameOID.ORGANIZATION_IDENTIFIER: "organisation_identifier",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "unit",
    NameOID.SURNAME: "surname",
    NameOID.GIVEN_NAME: "given_name",
    NameOID.SERIAL_NUMBER: "opaque_id",
    NameOID.COMMON_NAME: "common_name",
}

_MAX_OCTETS: Final = 64
"""X.520's bound for CN, O, OU and serialNumber, counted in UTF-8 as pyca does; ours for the rest."""
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_OPAQUE_ID: Final = re.compile(r"[A-Z2-7]{16,48}")  # base32 of 80 bits and more
_ORGANISATION_IDENTIFIER: Final = re.compile(r"(VAT|NTR)[A-Z]{2}-[A-Za-z0-9./-]{1,50}")  # EN 319 412-1, 5.1.4


def name_of(subject: Subject, profile: Profile, names: PkiNames) -> x509.Name:
    """The subject as `profile` wants it encoded.

    Raises `RequestRefused` naming the field that is missing, too long, or not of its form.
    """
    attributes = []
    for oid in profile.subject:
        value = _value(subject, _FIELDS[oid], required=oid not in profile.optional)
        if value is not None:
            attributes.append(_attribute(oid, value, subject, names))
    if profile.semantics is Semantics.NATURAL_PERSON and not (subject.given_name or subject.surname):
        raise _refusal("given_name", "missing", "give the whole name as given_name where no family name is on record")
    return x509.Name(attributes)


def _attribute(oid: x509.ObjectIdentifier, value: str, subject: Subject, names: PkiNames) -> x509.NameAttribute[str]:
    if oid == NameOID.SERIAL_NUMBER:
        value = f"{names.local_scheme}:{subject.country}-{value}"
    return x509.NameAttribute(oid, value)  # pyca: C and serialNumber as PrintableString, the others as UTF8String


def _value(subject: Subject, field: str, *, required: bool) -> str | None:
    given: str | None = getattr(subject, field)
    if given is None:
        if required:
            raise _refusal(field, "missing", "fill it from the registration")
        return None
    value = unicodedata.normalize("NFC", given)
    _check_text(field, value)
    _check_form(field, value)
    return value


def _check_text(field: str, value: str) -> None:
    if not value or value != value.strip():
        raise _refusal(field, "blank", "remove blanks at its ends, or leave the field out")
    if len(value.encode()) > _MAX_OCTETS:
        raise _refusal(field, "too-long", f"shorten it to {_MAX_OCTETS} octets of UTF-8")
    if any(unicodedata.category(character).startswith("C") for character in value):
        raise _refusal(field, "control-character", "remove control and invisible characters")


def _check_form(field: str, value: str) -> None:
    if field == "country" and not _COUNTRY.fullmatch(value):
        raise _refusal(field, "form", "give two capital letters (ISO 3166-1)")
    if field == "opaque_id" and not _OPAQUE_ID.fullmatch(value):
        raise _refusal(field, "form", "give 16 to 48 random base32 characters, not computed from any number")
    if field == "organisation_identifier" and not _ORGANISATION_IDENTIFIER.fullmatch(value):
        raise _refusal(field, "form", "give VATID-<tax number> or NTRID-<registry number>")


def _refusal(field: str, reason: str, fix: str) -> RequestRefused:
    return RequestRefused(f"subject field {field}: {reason}; {fix}", field=field, reason=reason)
