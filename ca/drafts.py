"""A certificate before anybody signed it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ca.errors import Misconfigured
from ca.extensions import Extension, extensions_of
from ca.model import PkiNames
from ca.profiles import OCSP_RESPONDER, Profile
from ca.signing import hash_for

BACKDATED: Final = timedelta(minutes=5)
"""Clocks of verifiers may be behind ours."""
_LARGEST_CUT: Final = 0.10
"""A certificate that its issuer's end shortens by more is not worth issuing: the CA needs a successor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerIdentity:
    """What a certificate says and inherits of its issuer."""

    id: str
    """`root-g1`, `ca-1-g1`: the name in the log and in addresses."""
    name: x509.Name
    key_identifier: bytes | None
    """Subject key identifier of the issuer; `None` while a root makes its own certificate."""
    not_after: datetime | None
    """End of the issuer's certificate; `None` while a root makes its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """From when to when a certificate is valid; both ends included (RFC 5280, 4.1.2.5)."""

    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything that a certificate says, signed by nobody."""

    issuer: IssuerIdentity
    profile: Profile
    serial: int
    subject: x509.Name
    public_key: ec.EllipticCurvePublicKey
    validity: Validity
    extensions: tuple[Extension, ...]

    def signed_by(self, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        """The certificate, signed by `key` with the hash of its curve. Whatever `key.sign` raises passes through."""
        builder = (
            x509.CertificateBuilder()
            .issuer_name(self.issuer.name)
            .subject_name(self.subject)
            .public_key(self.public_key)
            .serial_number(self.serial)
            .not_valid_before(self.validity.not_before)
            .not_valid_after(self.validity.not_after)
        )
        for value, critical in self.extensions:
            builder = builder.add_extension(value, critical)
        return builder.sign(key, hash_for(key.curve))


def validity_of(profile: Profile, issuer: IssuerIdentity, at: datetime) -> Validity:
    """How long a certificate issued at `at` lives: the profile's period, and never beyond its issuer (shell model).

    Raises `Misconfigured` where the issuer's end would cut more than a tenth off; an OCSP responder serves until then,
    however short.
    """
    wanted = at + profile.validity
    end = wanted if issuer.not_after is None else min(wanted, issuer.not_after)
    too_short = profile.id != OCSP_RESPONDER.id and wanted - end > profile.validity * _LARGEST_CUT
    if too_short or end <= at:
        raise Misconfigured(f"{issuer.id} ends on {end:%Y-%m-%d}, too soon for {profile}: set up its successor")
    return Validity(not_before=at - BACKDATED, not_after=end)


def draft_of(
    *,
    issuer: IssuerIdentity,
    profile: Profile,
    names: PkiNames,
    serial: int,
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    at: datetime,
) -> Draft:
    """Everything that the certificate will say when issued at `at` (aware, UTC, whole seconds)."""
    validity = validity_of(profile, issuer, at)
    return Draft(
        issuer=issuer,
        profile=profile,
        serial=serial,
        subject=subject,
        public_key=public_key,
        validity=validity,
        extensions=extensions_of(
            profile,
            names,
            issuer_id=issuer.id,
            issuer_key_identifier=issuer.key_identifier,
            public_key=public_key,
            not_before=validity.not_before,
        ),
    )
