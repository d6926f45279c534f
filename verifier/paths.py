"""From a certificate to an anchor (RFC 5280, 6.1; EN 319 102-1, 5.2.6). Imports certvalidator, which never fetches.

A chain holds or not regardless of the clock; only its window depends on time. So chains are built and checked once per
snapshot and kept, and the window is compared with the proven time by `validation`.
"""

from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.validate import async_validate_path

from verifier.certificates import Certificate, certificate, certificates
from verifier.model import SubIndication, TrustAnchorEntry, TrustSnapshot
from verifier.path_signatures import PathSignatures
from verifier.status import StatusPool
from verifier.translation import reason_of_path_error

MAX_CANDIDATES: Final = 8  # cross-signed hierarchies offer a few chains; a maze of them is an attack on our time
FEW_ANCHORS: Final = 32
KEPT_CHAINS: Final = 2_048
KEPT_SNAPSHOTS: Final = 4

_NO_STATUS: Final = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
)
T = TypeVar("T")
Anchors = list[tuple[TrustAnchorEntry, Certificate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain that holds at every time inside its window."""

    certificates: tuple[Certificate, ...]
    """Leaf first, the anchor's certificate last."""
    entry: TrustAnchorEntry
    not_before: datetime
    not_after: datetime

    @property
    def ders(self) -> tuple[bytes, ...]:
        """The certificates as they came, leaf first."""
        return tuple(each.der for each in self.certificates)

    @property
    def names(self) -> tuple[str, ...]:
        """Subjects, leaf first."""
        return tuple(each.summary.subject for each in self.certificates)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoChain:
    """Why there is none."""

    reason: SubIndication
    detail: str


class TrustMaterial:
    """One snapshot, parsed once; chains found with it are kept for its life."""

    def __init__(self, snapshot: TrustSnapshot) -> None:
        self.fingerprint = snapshot.fingerprint
        self.anchors = tuple((entry, certificate(entry.certificate)) for entry in snapshot.anchors)
        self.intermediates = certificates(snapshot.intermediates)
        self.status = StatusPool(crls=snapshot.crls, ocsp_responses=snapshot.ocsp_responses)
        self._kept: OrderedDict[tuple[str, bytes], tuple[Chain, ...]] = OrderedDict()

    def chains(self, leaf: Certificate, purpose: str, offered: tuple[Certificate, ...]) -> tuple[Chain, ...] | NoChain:
        """Every chain from `leaf` to an anchor for `purpose` (`signature`, `timestamp`), `offered` helping in between.

        What a file offers is never trusted, so a chain found with its help is good for any other file.
        """
        key = (purpose, leaf.sha256)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        found = self._search(leaf, purpose, offered)
        if not isinstance(found, NoChain):
            self._kept[key] = found
            if len(self._kept) > KEPT_CHAINS:
                self._kept.popitem(last=False)
        return found

    def _search(self, leaf: Certificate, purpose: str, offered: tuple[Certificate, ...]) -> tuple[Chain, ...] | NoChain:
        anchors = [(entry, own) for entry, own in self.anchors if purpose in entry.purposes]
        nothing = NoChain(
            reason=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
            detail="the certificate does not chain to an issuer that we trust",
        )
        if not anchors:
            return nothing
        helpers = [each for each in (*self.intermediates, *offered) if each.is_authority]
        anchors = _within_reach(leaf, anchors, helpers)
        found: list[Chain] = []
        first_fault: NoChain | None = None
        try:
            for path in _candidates(leaf, anchors, helpers):
                for outcome in _checked(leaf, path, anchors, helpers):
                    if isinstance(outcome, Chain):
                        found.append(outcome)
                    elif first_fault is None:
                        first_fault = outcome
        except MemoryError:
            raise
        except Exception as error:  # strangers' certificates make a path search raise anything at all
            reason, detail = reason_of_path_error(error)
            return NoChain(reason=reason, detail=detail)
        return tuple(found) or first_fault or nothing


_kept_material: OrderedDict[str, TrustMaterial] = OrderedDict()


def material_of(snapshot: TrustSnapshot) -> TrustMaterial:
    """The parsed form of `snapshot`; the same object for equal snapshots."""
    fingerprint = snapshot.fingerprint
    known = _kept_material.get(fingerprint)
    if known is None:
        known = _kept_material[fingerprint] = TrustMaterial(snapshot)
        while len(_kept_material) > KEPT_SNAPSHOTS:
            _kept_material.popitem(last=False)
    return known


def _within_reach(leaf: Certificate, anchors: Anchors, helpers: list[Certificate]) -> Anchors:
    """Of a long list, those that some certificate at hand names: a trust list has thousands, a chain ends at one."""
    if len(anchors) <= FEW_ANCHORS:
        return anchors
    named = {each.issuer_name for each in (leaf, *helpers)}
    return [(entry, own) for entry, own in anchors if own.subject_name in named or own == leaf]


def _candidates(leaf: Certificate, anchors: Anchors, helpers: list[Certificate]) -> list[Any]:
    context = _context(leaf, anchors, helpers)

    async def collect() -> list[Any]:
        paths: list[Any] = []
        search = context.path_builder.async_build_paths_lazy(leaf.asn1)
        async for path in search:
            paths.append(path)
            if len(paths) >= MAX_CANDIDATES:
                await search.cancel()
                break
        return paths

    return _run(collect())


def _checked(leaf: Certificate, path: Any, anchors: Anchors, helpers: list[Certificate]) -> list[Chain | NoChain]:
    """One outcome for each entry of the anchor: a trust list may trust it for several times."""
    own = path.trust_anchor.certificate
    known = {id(each.asn1): each for each in (leaf, *helpers)}  # bytes as they came: asn1crypto may write others
    steps = tuple(known[id(each)] for each in path.iter_certs(include_root=False))
    outcomes: list[Chain | NoChain] = []
    for entry, anchor in anchors:
        if anchor.asn1 is own:
            outcomes.append(_in_window((*reversed(steps), anchor), entry, path, anchors, helpers))
    return outcomes


def _in_window(
    links: tuple[Certificate, ...],
    entry: TrustAnchorEntry,
    path: Any,
    anchors: Anchors,
    helpers: list[Certificate],
) -> Chain | NoChain:
    not_before = max(each.not_before for each in links)
    not_after = min(each.not_after for each in links)
    if entry.valid_from is not None:
        not_before = max(not_before, entry.valid_from)
    if entry.valid_until is not None:
        not_after = min(not_after, entry.valid_until)
    if not_before > not_after:
        return NoChain(
            reason=SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
            detail="the certificates of the chain were never valid at the same time",
        )
    try:
        _run(async_validate_path(_context(links[0], anchors, helpers, moment=not_before), path))
    except MemoryError:
        raise
    except Exception as error:  # see _search
        reason, detail = reason_of_path_error(error)
        return NoChain(reason=reason, detail=detail)
    return Chain(certificates=links, entry=entry, not_before=not_before, not_after=not_after)


def _context(
    leaf: Certificate,
    anchors: Anchors,
    helpers: list[Certificate],
    moment: datetime | None = None,
) -> ValidationContext:
    return ValidationContext(
        trust_roots=[CertTrustAnchor(each.asn1) for each in dict.fromkeys(own for _, own in anchors)],
        other_certs=[each.asn1 for each in helpers],
        moment=moment or leaf.not_before,
        allow_fetching=False,  # nothing named in a document is ever fetched
        revinfo_policy=_NO_STATUS,  # status is judged by `status`, for the proven time
        signature_validator=PathSignatures(),
        algorithm_usage_policy=AcceptAllAlgorithms(),  # algorithms are judged by `validation`, for the proven time
    )


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Drive a coroutine that never waits: without fetchers certvalidator has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as result:
        value: T = result.value
        return value
    coroutine.close()
    raise RuntimeError("certvalidator wanted to wait, although it has nothing to fetch")
