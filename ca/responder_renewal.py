"""A new OCSP responder before the old one ends: new key, new name, new certificate (RFC 6960, 4.2.2.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ca.csr import request_for
from ca.issuance import IssuanceService
from ca.model import PkiNames, StatusPeriods, Subject
from ca.profiles import OCSP_RESPONDER

KeyMaker = Callable[[str, ec.EllipticCurve], ec.EllipticCurvePrivateKey]
"""Makes a key under a label, on a curve, where keys live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """A key of our own with its certificate: what an OCSP responder or a TSU is made from."""

    label: str
    """Under which the key was made; the certificate's name counts with it and is never used again."""
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def new_responder(
    *,
    make_key: KeyMaker,
    issuance: IssuanceService,
    names: PkiNames,
    at: datetime,
    actor: str,
    generation: int = 1,
) -> OwnCertificate:
    """A responder named by the day of its making. Raises what making a key and issuing a certificate raise."""
    label, common_name = responder_names(at, generation)
    key = make_key(label, ec.SECP256R1())
    subject = operator_subject(names, common_name)
    certificate = issuance.issue(request_for(key, subject.common_name), subject, OCSP_RESPONDER, actor)
    return OwnCertificate(label=label, key=key, certificate=certificate)


def responder_names(at: datetime, generation: int = 1) -> tuple[str, str]:
    """Label and common name of a responder made at that time for a generation of the issuing CA; several generations
    may each get one on the same day."""
    if generation == 1:
        return f"ocsp-{at:%Y-%m-%d}", f"Teken OCSP {at:%Y-%m-%d}"
    return f"ocsp-g{generation}-{at:%Y-%m-%d}", f"Teken OCSP G{generation} {at:%Y-%m-%d}"


def renew_responder_if_due(
    *,
    current: x509.Certificate,
    make_key: KeyMaker,
    issuance: IssuanceService,
    names: PkiNames,
    periods: StatusPeriods,
    now: Callable[[], datetime],
    actor: str,
    ca_ends: datetime,
    generation: int = 1,
) -> OwnCertificate | None:
    """A new responder when `current` has `periods.responder_renew_before` or less left, else `None`. The last one ends
    with its CA, at `ca_ends`.

    The caller switches to it and then destroys the old key.
    """
    at = now()
    ends = current.not_valid_after_utc
    if ends - at > periods.responder_renew_before or ends >= ca_ends:
        return None
    return new_responder(make_key=make_key, issuance=issuance, names=names, at=at, actor=actor, generation=generation)


def operator_subject(names: PkiNames, common_name: str) -> Subject:
    """The operator of the CA under a name of one of its keys."""
    return Subject(
        common_name=common_name,
        organisation=names.organisation,
        organisation_identifier=names.organisation_identifier,
        country=names.country,
    )
