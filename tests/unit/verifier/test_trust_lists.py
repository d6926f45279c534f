"""Trust lists become anchors with their times; XML can do nothing besides holding them."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.pki import Pki
from tests.vectors.letters import pages, sign, trust_in
from tests.vectors.trust_lists import TSA_QTST, Service, trust_list
from verifier.errors import AnchorRefused
from verifier.model import SubIndication, TrustAnchorEntry, TrustSnapshot
from verifier.policy import ValidationPolicy
from verifier.trust import listed_crls, load_anchors
from verifier.trust_files import NewAnchor, add_anchor, replace_list
from verifier.trust_list import read_trust_list
from verifier.validation import validate

HOUR = timedelta(hours=1)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def granted(pki: Pki, **differences: object) -> Service:
    return replace(Service(name="Issuing CA", certificate=der(pki.issuing.certificate)), **differences)  # type: ignore[arg-type]


def anchors(xml: bytes) -> tuple[TrustAnchorEntry, ...]:
    return tuple(each.entry for each in read_trust_list(xml, certified=True).anchors)


def test_a_granted_service_is_an_anchor_since_then(pki: Pki) -> None:
    listed = read_trust_list(trust_list(granted(pki)), certified=True)
    (anchor,) = (each.entry for each in listed.anchors)
    assert (listed.territory, listed.sequence, listed.operator) == ("ID", 12, "Example Agency")
    assert anchor.name == "Example TSP: Issuing CA"
    assert anchor.certificate == der(pki.issuing.certificate)
    assert (anchor.purposes, anchor.certified, anchor.historical) == ({"signature"}, True, False)
    assert (anchor.valid_from, anchor.valid_until) == (datetime(2026, 1, 1, tzinfo=UTC), None)


def test_every_granted_time_is_an_anchor_of_its_own(pki: Pki) -> None:
    states = (
        ("granted", "2026-06-01T00:00:00Z"),
        ("withdrawn", "2026-03-01T00:00:00Z"),
        ("granted", "2026-02-01T00:00:00Z"),
        ("undersupervision", "2026-01-01T00:00:00Z"),
    )
    late, early = sorted(anchors(trust_list(granted(pki, states=states))), key=lambda each: each.historical)
    assert (early.valid_from, early.valid_until) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    assert (early.historical, late.historical) == (True, False)
    assert (late.valid_from, late.valid_until) == (datetime(2026, 6, 1, tzinfo=UTC), None)
    assert early.name != late.name


def test_withdrawn_services_other_types_and_broken_certificates_are_left_out(pki: Pki) -> None:
    listed = read_trust_list(
        trust_list(
            granted(pki, states=(("withdrawn", "2026-01-01T00:00:00Z"),)),
            granted(pki, kind="http://uri.etsi.org/TrstSvc/Svctype/EDS/Q"),
            granted(pki, certificate=b"no certificate"),
            Service(name="Unit", certificate=der(pki.tsu.certificate), kind=TSA_QTST),
        ),
        certified=False,
    )
    assert [each.entry.purposes for each in listed.anchors] == [{"timestamp"}]
    assert listed.left_out == 3


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "a document type": lambda xml: xml.replace(b"?>", b"?><!DOCTYPE a>", 1),
    "entities": lambda xml: xml.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1),
    "an outside entity": lambda xml: xml.replace(b"?>", b'?><!DOCTYPE a SYSTEM "file:///etc/passwd">', 1),
    "another encoding": lambda xml: xml.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "cut off": lambda xml: xml[:-10],
    "nothing": lambda _: b"",
    "no XML": lambda _: b"\x00\x01",
    "another document": lambda _: b"<a/>",
    "depth": lambda _: b"<a>" * 100_000,
    "no territory": lambda xml: xml.replace(b"SchemeTerritory", b"Other"),
    "no time": lambda xml: xml.replace(b"2026-11-01T00:00:00Z", b"yesterday"),
    "no number": lambda xml: xml.replace(b"<TSLSequenceNumber>12", b"<TSLSequenceNumber>x"),
    "no state": lambda xml: xml.replace(b"ServiceStatus>", b"Other>"),
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_list_is_refused_at_once(spoil: Callable[[bytes], bytes], pki: Pki) -> None:
    spoiled = spoil(trust_list(granted(pki)))
    start = time.process_time()
    with pytest.raises(AnchorRefused):
        read_trust_list(spoiled, certified=True)
    assert time.process_time() - start < 1


def test_a_huge_list_is_refused(pki: Pki) -> None:
    with pytest.raises(AnchorRefused, match="larger"):
        read_trust_list(trust_list(granted(pki)) + b" " * (32 * 1024 * 1024), certified=True)


def test_what_is_imported_is_what_is_loaded(tmp_path: Path, pki: Pki) -> None:
    entry = TrustAnchorEntry(
        name='Induk "Lama"',
        certificate=der(pki.root.certificate),
        certified=True,
        purposes=frozenset({"signature"}),
        valid_until=datetime(2026, 8, 18, tzinfo=UTC),
        historical=True,
    )
    address = "http://pki.example.org/root.crl"
    add_anchor(tmp_path, NewAnchor(entry=entry, source="by hand", crls=(address,)))
    add_anchor(tmp_path, NewAnchor(entry=entry, source="again", crls=(address,)))
    assert load_anchors(tmp_path) == (entry,)
    assert listed_crls(tmp_path) == (address,)
    other = replace(entry, certificate=der(pki.issuing.certificate))
    with pytest.raises(AnchorRefused, match="already"):
        add_anchor(tmp_path, NewAnchor(entry=other, source=""))


def test_the_next_list_replaces_the_last_one_and_nothing_else(tmp_path: Path, pki: Pki) -> None:
    own = TrustAnchorEntry(
        name="Own", certificate=der(pki.root.certificate), certified=False, purposes=frozenset({"signature"})
    )
    add_anchor(tmp_path, NewAnchor(entry=own, source=""))
    first = read_trust_list(
        trust_list(granted(pki), Service(name="Unit", certificate=der(pki.tsu.certificate), kind=TSA_QTST)),
        certified=False,
    )
    assert replace_list(tmp_path, first.territory, first.anchors) == 2
    assert len(load_anchors(tmp_path)) == 3
    second = read_trust_list(trust_list(granted(pki)), certified=False)
    assert replace_list(tmp_path, second.territory, second.anchors) == 1
    assert {each.name for each in load_anchors(tmp_path)} == {"Own", "Example TSP: Issuing CA"}


def judged(pki: Pki, policy: ValidationPolicy, listed: tuple[TrustAnchorEntry, ...], since: datetime | None) -> object:
    trust = trust_in(pki, at=pki.at + HOUR)
    snapshot = TrustSnapshot(anchors=listed, intermediates=(), crls=trust.crls)
    pdf = sign(pages("Surat"), pki.official, claimed=pki.at)
    (report,) = validate(pdf, policy, snapshot, pki.at + HOUR, known_since=since).signatures
    return report.reason, report.anchor


def test_a_service_that_was_granted_at_the_proven_time_vouches_for_it(pki: Pki, policy: ValidationPolicy) -> None:
    current = anchors(trust_list(granted(pki, states=(("granted", "2026-11-02T00:00:00Z"),))))
    assert judged(pki, policy, current, None) == (None, "Example TSP: Issuing CA")
    ended = (("withdrawn", (pki.at + timedelta(minutes=30)).isoformat()), ("granted", "2026-11-02T00:00:00Z"))
    past = anchors(trust_list(granted(pki, states=ended)))
    assert judged(pki, policy, past, pki.at) == (None, "Example TSP: Issuing CA")
    assert judged(pki, policy, past, None) == (SubIndication.OUT_OF_BOUNDS_NO_POE, "Example TSP: Issuing CA")


def test_a_service_that_was_granted_twice_vouches_in_both_times(pki: Pki, policy: ValidationPolicy) -> None:
    states = (
        ("granted", (pki.at + timedelta(minutes=50)).isoformat()),
        ("withdrawn", (pki.at + timedelta(minutes=30)).isoformat()),
        ("granted", "2026-11-02T00:00:00Z"),
    )
    both = anchors(trust_list(granted(pki, states=states)))
    for since, reason in (
        (pki.at, None),
        (pki.at + timedelta(minutes=40), SubIndication.OUT_OF_BOUNDS_NO_POE),
        (None, None),
    ):
        told, _ = judged(pki, policy, both, since)  # type: ignore[misc]  # a pair
        assert told is reason


def test_a_historical_anchor_needs_a_proof_even_while_it_lasts(pki: Pki, policy: ValidationPolicy) -> None:
    (anchor,) = trust_in(pki).anchors
    historical = (replace(anchor, historical=True, valid_until=pki.at + timedelta(days=9)),)
    assert judged(pki, policy, historical, None) == (SubIndication.OUT_OF_BOUNDS_NO_POE, "Contoh")
    assert judged(pki, policy, historical, pki.at) == (None, "Contoh")


def test_a_unit_may_be_its_own_anchor(pki: Pki, policy: ValidationPolicy) -> None:
    unit = anchors(trust_list(Service(name="Unit", certificate=der(pki.tsu.certificate), kind=TSA_QTST)))
    (root,) = trust_in(pki).anchors
    trust = trust_in(pki, at=pki.at + HOUR)
    pdf = sign(pages("Surat"), pki.official, claimed=pki.at, token_of=(pki, pki.at))
    only_signatures = replace(root, purposes=frozenset({"signature"}))
    snapshot = TrustSnapshot(anchors=(only_signatures, *unit), intermediates=(), crls=trust.crls)
    (report,) = validate(pdf, policy, snapshot, pki.at + HOUR).signatures
    assert report.timestamp is not None
    assert (report.reason, report.timestamp.trusted, report.proven_at) == (None, True, pki.at)


def test_a_list_of_thousands_costs_little(pki: Pki, policy: ValidationPolicy) -> None:
    (root,) = trust_in(pki).anchors
    many = tuple(replace(root, name=f"Other {number}", certificate=der(pki.tsu.certificate)) for number in range(3_000))
    start = time.process_time()
    assert judged(pki, policy, (*many, root), None) == (None, "Contoh")
    assert time.process_time() - start < 1
