"""Each CRL lint has a list that it alone objects to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384

from ca.issuer import key_identifier
from ca.lints import CRL_LINTS, CrlCandidate
from ca.model import RevokedEntry
from tests.support.ca_hierarchy import NOON, World, new_world

DAY = timedelta(days=1)
SUPERSEDED = x509.CRLReason(x509.ReasonFlags.superseded)
ENTRIES = [
    RevokedEntry(serial=5, revoked_at=NOON, reason=x509.ReasonFlags.superseded),
    RevokedEntry(serial=9, revoked_at=NOON, reason=None),
]


@pytest.fixture(scope="module")
def world() -> World:
    return new_world()


def line(serial: int, *extensions: x509.ExtensionType, at: datetime = NOON) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(serial, at)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.build()


def candidate(
    world: World,
    *,
    lines: Sequence[x509.RevokedCertificate] | None = None,
    number: int | None = 8,
    until: datetime | None = NOON + 2 * DAY,
    authority: bytes | None = None,
    since: datetime | None = None,
    more: Sequence[x509.ExtensionType] = (),
    critical: bool = False,
) -> CrlCandidate:
    """A good list, unless told otherwise."""
    ca = world.issuing_ca
    lines = [line(5, SUPERSEDED), line(9)] if lines is None else lines
    builder = x509.CertificateRevocationListBuilder(revoked_certificates=list(lines)).issuer_name(ca.subject)
    builder = builder.last_update(NOON).next_update(until or NOON + DAY)
    stay = asn1.encode_der(asn1.GeneralizedTime(since or ca.not_valid_before_utc))
    extensions: list[x509.ExtensionType] = [
        x509.AuthorityKeyIdentifier(authority or key_identifier(ca), None, None),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.60"), stay),
        *more,
    ]
    if number is not None:
        extensions.append(x509.CRLNumber(number))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=critical)
    key = ec.generate_private_key(ec.SECP384R1())
    return CrlCandidate(
        crl=builder.sign(key, SHA384()), issuer=ca, expected=ENTRIES, previous_number=7, longest=2 * DAY
    )


def objectors(it: CrlCandidate) -> set[str]:
    return {lint.__name__ for lint in CRL_LINTS if list(lint(it))}


def test_a_good_list_passes_every_lint(world: World) -> None:
    assert objectors(candidate(world)) == set()


def test_an_empty_list_is_a_good_one(world: World) -> None:
    assert objectors(replace(candidate(world, lines=[]), expected=[])) == set()


def test_the_last_list_has_another_window(world: World) -> None:
    assert objectors(replace(candidate(world), is_last=True)) == {"house_crl_window"}, "it promises another list"


BAD: list[tuple[str, str, Callable[[World], CrlCandidate]]] = [
    ("rfc5280_crl_number", "the same again", lambda world: candidate(world, number=7)),
    ("rfc5280_crl_number", "smaller", lambda world: candidate(world, number=6)),
    (
        "rfc5280_crl_reasons",
        "unspecified",
        lambda world: candidate(world, lines=[line(5, x509.CRLReason(x509.ReasonFlags.unspecified)), line(9)]),
    ),
    (
        "rfc5280_crl_reasons",
        "removeFromCRL",
        lambda world: candidate(world, lines=[line(5, x509.CRLReason(x509.ReasonFlags.remove_from_crl)), line(9)]),
    ),
    (
        "rfc5280_crl_reasons",
        "invalidity date with another reason",
        lambda world: candidate(
            world, lines=[line(5, SUPERSEDED, x509.InvalidityDate(NOON.replace(tzinfo=None))), line(9)]
        ),
    ),
    ("house_crl_entries", "one missing", lambda world: candidate(world, lines=[line(5)])),
    ("house_crl_entries", "one too many", lambda world: candidate(world, lines=[line(5), line(9), line(10)])),
    ("house_crl_entries", "one twice", lambda world: candidate(world, lines=[line(5), line(9), line(9)])),
    ("house_crl_entries", "unsorted", lambda world: candidate(world, lines=[line(9), line(5)])),
    ("house_crl_entries", "another time", lambda world: candidate(world, lines=[line(5), line(9, at=NOON - DAY)])),
    ("house_crl_window", "too long", lambda world: candidate(world, until=NOON + 3 * DAY)),
    ("house_crl_extensions", "foreign authority", lambda world: candidate(world, authority=bytes(20))),
    ("house_crl_extensions", "since later", lambda world: candidate(world, since=NOON)),
    ("house_crl_extensions", "critical", lambda world: candidate(world, critical=True)),
    ("house_crl_extensions", "a delta", lambda world: candidate(world, more=[x509.DeltaCRLIndicator(1)])),
]


@pytest.mark.parametrize(("lint", "make"), [pytest.param(lint, make, id=f"{lint}: {what}") for lint, what, make in BAD])
def test_one_lint_alone_objects(world: World, lint: str, make: Callable[[World], CrlCandidate]) -> None:
    assert objectors(make(world)) == {lint}


def test_a_list_without_a_number_is_objected_to(world: World) -> None:
    assert "rfc5280_crl_number" in objectors(candidate(world, number=None))


def test_every_lint_has_a_bad_list() -> None:
    assert {lint.__name__ for lint in CRL_LINTS} == {lint for lint, _, _ in BAD}
