"""May this answer of another CA be installed? Every rule, one after the other (docs/issuing.md).

1. The file holds certificates, few and small.                             else `unreadable`
2. One of them certifies exactly the key of the request.                   else `other-key`
3. A path leads from it to a configured anchor, with a policy we ask for;
   every signature on it verifies (RFC 5280, 6.1).                         else `path`
4. It is no CA, and its key usage has nonRepudiation.                      else `is-a-ca`, `key-usage`
5. It is valid now, and not for longer than we allow.                      else `not-yet-valid`, `expired`, `too-long`
6. It names where its status is found, on listed hosts only.               else `no-status`, `host`
7. Its subject is the registered one; where it differs, somebody decides.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7
from cryptography.x509.oid import NameOID

from signer.errors import ForeignRefused
from signer.foreign.addresses import all_addresses, crl_addresses, listed, ocsp_addresses
from signer.foreign.model import ForeignRules
from signer.foreign.path import checked_path
from signer.model import Signatory

MAX_BYTES: Final = 256 * 1024
MAX_CERTIFICATES: Final = 10
_SKEW: Final = timedelta(minutes=5)
_PERSONAL_NUMBER: Final = re.compile(r"(?:\d[ .-]?){15,18}")
_PEM: Final = b"-----BEGIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An answer that breaks no rule."""

    chain: tuple[x509.Certificate, ...]
    """Leaf first, anchor last."""
    differences: tuple[str, ...]


def certificates_in(content: bytes) -> tuple[x509.Certificate, ...]:
    """Step 1: PEM (one or many), DER, or a PKCS #7 bundle of either form. Raises `ForeignRefused`."""
    if len(content) > MAX_BYTES:
        raise _refused("unreadable", "Berkas terlalu besar untuk jawaban CA", "The file is too large for a CA's answer")
    found: list[x509.Certificate] = []
    try:
        if b"-----BEGIN PKCS7" in content:
            found = pkcs7.load_pem_pkcs7_certificates(content)
        elif content.lstrip().startswith(_PEM):
            found = x509.load_pem_x509_certificates(content)
        else:
            found = _from_der(content)
    except ValueError:
        found = []
    if not 1 <= len(found) <= MAX_CERTIFICATES:
        raise _refused(
            "unreadable",
            f"Berkas tidak memuat 1 sampai {MAX_CERTIFICATES} sertifikat (PEM, DER, atau PKCS #7)",
            f"The file does not hold 1 to {MAX_CERTIFICATES} certificates (PEM, DER or PKCS #7)",
        )
    return tuple(dict.fromkeys(found))


def leaf_for(certificates: tuple[x509.Certificate, ...], public_key: bytes) -> x509.Certificate:
    """Step 2: the certificate of `public_key` (SubjectPublicKeyInfo, DER). Raises `ForeignRefused`."""
    for certificate in certificates:
        if spki_of(certificate) == public_key:
            return certificate
    raise _refused(
        "other-key",
        "Tidak ada sertifikat untuk kunci yang diminta; pastikan CSR yang kami kirim dipakai",
        "No certificate is for the key that was asked for; make sure that our CSR was used",
    )


def accept(
    certificates: tuple[x509.Certificate, ...],
    *,
    public_key: bytes,
    signatory: Signatory,
    rules: ForeignRules,
    at: datetime,
) -> Accepted:
    """Steps 2 to 7 for one answer at `at` (aware). Raises `ForeignRefused` for the first rule that it breaks."""
    leaf = leaf_for(certificates, public_key)
    _require_valid(leaf, rules, at)
    chain = checked_path(leaf, certificates, rules.anchors, rules.policies, at=at)
    _require_signing(leaf)
    _require_listed(chain, rules)
    return Accepted(chain=chain, differences=tuple(_differences(leaf, signatory)))


def spki_of(certificate: x509.Certificate) -> bytes:
    """SubjectPublicKeyInfo, DER."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _from_der(content: bytes) -> list[x509.Certificate]:
    try:
        return [x509.load_der_x509_certificate(content)]
    except ValueError:
        return pkcs7.load_der_pkcs7_certificates(content)


def _require_signing(leaf: x509.Certificate) -> None:
    """Step 4."""
    try:
        if leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise _refused(
                "is-a-ca", "Itu sertifikat CA, bukan pejabat", "That is a CA's certificate, not an official's"
            )
    except x509.ExtensionNotFound:
        pass
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    if usage is None or not usage.content_commitment:
        raise _refused(
            "key-usage",
            "Kegunaan kunci nonRepudiation tidak ada; minta profil tanda tangan",
            "The key usage lacks nonRepudiation; ask for a signing profile",
        )


def _require_valid(leaf: x509.Certificate, rules: ForeignRules, at: datetime) -> None:
    """Step 5."""
    if at + _SKEW < leaf.not_valid_before_utc:
        raise _refused("not-yet-valid", "Sertifikat belum berlaku", "The certificate is not valid yet")
    if at >= leaf.not_valid_after_utc:
        raise _refused("expired", "Sertifikat sudah berakhir", "The certificate has ended")
    if leaf.not_valid_after_utc - leaf.not_valid_before_utc > rules.longest:
        raise _refused(
            "too-long",
            f"Sertifikat berlaku lebih dari {rules.longest.days} hari",
            f"The certificate is valid for more than {rules.longest.days} days",
        )


def _require_listed(chain: tuple[x509.Certificate, ...], rules: ForeignRules) -> None:
    """Step 6, for every certificate below the anchor: their status will be fetched too."""
    for certificate in chain[:-1]:
        for address in all_addresses(certificate):
            if not listed(address, rules.hosts):
                raise _refused(
                    "host",
                    "Sertifikat menunjuk ke host yang tidak terdaftar; tambahkan ke foreign.hosts bila tepercaya",
                    "The certificate points to a host that is not listed; add it to foreign.hosts if you trust it",
                )
        if not (crl_addresses(certificate) or ocsp_addresses(certificate)):
            raise _refused(
                "no-status",
                "Sertifikat tidak menyebut CRL maupun OCSP",
                "The certificate names neither a CRL nor an OCSP responder",
            )


def _differences(leaf: x509.Certificate, signatory: Signatory) -> Iterator[str]:
    """Step 7: what must be there and equal, and what must be equal where it is there."""
    registered = (
        ("commonName", NameOID.COMMON_NAME, signatory.name, True),
        ("organizationName", NameOID.ORGANIZATION_NAME, signatory.organisation, True),
        ("organizationIdentifier", NameOID.ORGANIZATION_IDENTIFIER, signatory.organisation_identifier, False),
        ("organizationalUnitName", NameOID.ORGANIZATIONAL_UNIT_NAME, signatory.unit, False),
        ("surname", NameOID.SURNAME, signatory.surname, False),
    )
    for label, oid, expected, needed in registered:
        found = [str(each.value) for each in leaf.subject.get_attributes_for_oid(oid)]
        if (found or needed) and [_seen(text) for text in found] != [_seen(expected or "")]:
            yield _harmless(f"{label}: {expected or '-'} -> {', '.join(found) or '-'}")
    if any(_PERSONAL_NUMBER.search(str(each.value)) for each in leaf.subject):
        yield "subject: holds a number like a NIK or NIP"


def _seen(text: str) -> str:
    """Names are equal when people see no difference; case counts."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _harmless(text: str) -> str:
    return _PERSONAL_NUMBER.sub("[number]", text)


def _refused(reason: str, indonesian: str, english: str) -> ForeignRefused:
    return ForeignRefused(f"{indonesian}. / {english}.", field="certificate", reason=reason)
