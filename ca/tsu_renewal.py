"""The next time-stamping unit before the present one ends: new key, new name, new certificate (EN 319 421, 7.6)."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ca.csr import request_for
from ca.issuance import IssuanceService
from ca.model import PkiNames
from ca.profiles import TSU
from ca.responder_renewal import KeyMaker, OwnCertificate, operator_subject
from ca.timestamp import MINIMUM_LIFE, usage_period

PREPARE_BEFORE = timedelta(days=30)
"""How long before the end of a key its successor is made; it takes over at once."""


def renew_unit_if_due(
    *,
    current: x509.Certificate,
    used: Collection[str],
    make_key: KeyMaker,
    issuance: IssuanceService,
    names: PkiNames,
    now: Callable[[], datetime],
    actor: str,
    minimum_life: timedelta = MINIMUM_LIFE,
    prepare_before: timedelta = PREPARE_BEFORE,
) -> OwnCertificate | None:
    """A new unit when the key of `current` may stamp for `prepare_before` or less, else `None`.

    `used`: the labels of all units there ever were; the new one counts on (`tsu-2027-2`), because a name is never used
    for a second key. The caller switches to it, and destroys the old key when every process has switched. Raises what
    making a key and issuing a certificate raise; late in the issuing CA's life that is its next generation's turn.
    """
    at = now()
    if usage_period(current, minimum_life)[1] - at > prepare_before:
        return None
    return new_unit(used=used, make_key=make_key, issuance=issuance, names=names, at=at, actor=actor)


def new_unit(
    *,
    used: Collection[str],
    make_key: KeyMaker,
    issuance: IssuanceService,
    names: PkiNames,
    at: datetime,
    actor: str,
) -> OwnCertificate:
    """A new unit, due or not; as `renew_unit_if_due` otherwise."""
    label = _next_label(at.year, used)
    key = make_key(label, ec.SECP384R1())
    subject = operator_subject(names, f"Teken TSU {label.removeprefix('tsu-')}")
    certificate = issuance.issue(request_for(key, subject.common_name), subject, TSU, actor)
    return OwnCertificate(label=label, key=key, certificate=certificate)


def _next_label(year: int, used: Collection[str]) -> str:
    number = 1
    while f"tsu-{year}-{number}" in used:
        number += 1
    return f"tsu-{year}-{number}"
