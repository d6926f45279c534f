"""What of ours ends by itself, and when: certificates, keys and CRLs, each with whoever sees to its successor."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.authority import Authority
from api.stores import Stores
from ca.ceremony import ROOT_ID
from ca.model import PublishedCrl


class EndingKind(StrEnum):
    """What ends."""

    ROOT = "root"
    ISSUING_CA = "issuing-ca"
    CRL = "crl"
    RESPONDER = "ocsp-responder"
    UNIT = "tsu"


class Successor(StrEnum):
    """Who sees to the next one."""

    JOB = "job"
    CEREMONY = "ceremony"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One thing, from its beginning to its end."""

    kind: EndingKind
    name: str
    """A label or id of ours."""
    begins: datetime
    ends: datetime
    successor: Successor

    def left(self, at: datetime) -> float:
        """How much of its life is left: 1 at the beginning, 0 from the end on."""
        whole = (self.ends - self.begins).total_seconds()
        return min(1.0, max(0.0, (self.ends - at).total_seconds() / whole)) if whole > 0 else 0.0


def endings_of(stores: Stores, authority: Authority) -> Callable[[], tuple[Ending, ...]]:
    """Asked at each look: keys and CRLs change while the service runs."""
    return lambda: tuple(sorted(_endings(stores, authority), key=lambda each: each.ends))


def _endings(stores: Stores, authority: Authority) -> Iterator[Ending]:
    root = authority.hierarchy.root
    yield Ending(
        kind=EndingKind.ROOT,
        name=ROOT_ID,
        begins=root.not_valid_before_utc,
        ends=root.not_valid_after_utc,
        successor=Successor.CEREMONY,
    )
    yield from _crl(stores.crls.current(ROOT_ID), ROOT_ID, Successor.CEREMONY)
    for each in authority.generations:
        if not each.serves():
            continue
        certificate, responder = each.published.certificate, each.responder.certificate
        yield Ending(
            kind=EndingKind.ISSUING_CA,
            name=each.id,
            begins=certificate.not_valid_before_utc,
            ends=certificate.not_valid_after_utc,
            successor=Successor.CEREMONY,
        )
        yield from _crl(stores.crls.current(each.id), each.id, Successor.JOB)
        yield Ending(
            kind=EndingKind.RESPONDER,
            name=each.id,
            begins=responder.not_valid_before_utc,
            ends=responder.not_valid_after_utc,
            successor=Successor.JOB,
        )
    unit = authority.units.certificate
    yield Ending(
        kind=EndingKind.UNIT,
        name="tsu",
        begins=unit.not_valid_before_utc,
        ends=authority.own.unit_ends(unit),
        successor=Successor.JOB,
    )


def _crl(crl: PublishedCrl | None, issuer_id: str, successor: Successor) -> Iterator[Ending]:
    """Nothing where none is published: that is an alarm, and not an end."""
    if crl is not None:
        yield Ending(
            kind=EndingKind.CRL,
            name=issuer_id,
            begins=crl.this_update,
            ends=crl.next_update,
            successor=successor,
        )
