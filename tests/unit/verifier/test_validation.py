"""What `validate` makes of letters that differ from a good one in one thing."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign import fields

from tests.support.pki import Holder, Pki, make_pki
from tests.vectors.letters import add_validation_data, pages, sign, timestamp_document, trust_in
from verifier.limits import Limits
from verifier.model import (
    ChangeKind,
    Indication,
    SignatureKind,
    SubIndication,
    TrustAnchorEntry,
    TrustSnapshot,
    ValidationReport,
)
from verifier.policy import ValidationPolicy
from verifier.validation import validate

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


def only(report: ValidationReport, reason: SubIndication | None) -> None:
    """The report has one signature, with this reason and the verdict that belongs to it."""
    assert [each.reason for each in report.signatures if each.kind is SignatureKind.SIGNATURE] == [reason]
    assert report.reason is reason
    assert report.indication is (reason.indication if reason else Indication.TOTAL_PASSED)


def test_a_good_letter_passes_and_says_by_whom(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_b: bytes
) -> None:
    report = validate(letter_b_b, policy, trust, pki.at + HOUR)
    only(report, None)
    (signature,) = report.signatures
    assert signature.signer is not None
    assert signature.signer.subject == "I Wayan Contoh"
    assert signature.chain == ("I Wayan Contoh", "Contoh Issuing CA 1 G1", "Contoh Root CA G1")
    assert signature.anchor == "Contoh"
    assert signature.certified is False
    assert signature.level == "PAdES-B-B"
    assert signature.covers_whole_file
    assert signature.intact
    assert signature.revocation == "crl"
    assert signature.proven_at == pki.at + HOUR, "nothing but the present proves a B-B signature"
    assert report.policy == "teken-1"
    assert report.page_count == 1
    assert report.passed_fields == {"Signature1"}


def test_a_trusted_timestamp_proves_the_time(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    report = validate(letter_b_t, policy, trust, pki.at + HOUR)
    only(report, None)
    (signature,) = report.signatures
    assert signature.proven_at == pki.at
    assert signature.timestamp is not None
    assert signature.timestamp.trusted
    assert signature.timestamp.authority == "Contoh TSU 2026-1"
    assert signature.level == "PAdES-B-T"


def test_a_certificate_revoked_before_signing_fails_when_the_time_is_proven(
    pki: Pki, policy: ValidationPolicy, letter_b_t: bytes
) -> None:
    trust = trust_where_revoked(pki, pki.at - HOUR)
    only(validate(letter_b_t, policy, trust, pki.at + HOUR), SubIndication.REVOKED)


def test_a_certificate_revoked_after_the_proven_time_still_passes(
    pki: Pki, policy: ValidationPolicy, letter_b_t: bytes
) -> None:
    trust = trust_where_revoked(pki, pki.at + timedelta(minutes=10))
    only(validate(letter_b_t, policy, trust, pki.at + HOUR), None)


def test_without_a_timestamp_a_revoked_certificate_leaves_doubt(
    pki: Pki, policy: ValidationPolicy, letter_b_b: bytes
) -> None:
    trust = trust_where_revoked(pki, pki.at + timedelta(minutes=10))
    only(validate(letter_b_b, policy, trust, pki.at + HOUR), SubIndication.REVOKED_NO_POE)


def test_our_register_proves_the_time_where_no_timestamp_does(
    pki: Pki, policy: ValidationPolicy, letter_b_b: bytes
) -> None:
    trust = trust_where_revoked(pki, pki.at + timedelta(minutes=10))
    only(validate(letter_b_b, policy, trust, pki.at + HOUR, known_since=pki.at), None)


def test_a_released_hold_leaves_the_signature_good(pki: Pki, policy: ValidationPolicy, letter_b_b: bytes) -> None:
    serial = pki.official.certificate.serial_number
    hold = x509.ReasonFlags.certificate_hold
    held = pki.crl(revoked={serial: pki.at - HOUR}, at=pki.at, reason=hold)
    released, root = pki.crl(at=pki.at + HOUR), pki.crl(pki.root, at=pki.at)
    still_held = trust_in(pki, crls=[held, root])
    only(validate(letter_b_b, policy, still_held, pki.at + HOUR), SubIndication.REVOKED_NO_POE)
    only(validate(letter_b_b, policy, trust_in(pki, crls=[held, released, root]), pki.at + HOUR), None)


def test_a_later_empty_list_does_not_wash_a_revocation_away(
    pki: Pki, policy: ValidationPolicy, letter_b_b: bytes
) -> None:
    revoked = pki.crl(revoked={pki.official.certificate.serial_number: pki.at - HOUR}, at=pki.at)
    trust = trust_in(pki, crls=[revoked, pki.crl(at=pki.at + HOUR), pki.crl(pki.root, at=pki.at)])
    only(validate(letter_b_b, policy, trust, pki.at + HOUR), SubIndication.REVOKED_NO_POE)


def test_a_revoked_issuer_takes_its_signatories_along(pki: Pki, policy: ValidationPolicy, letter_b_b: bytes) -> None:
    root = pki.crl(pki.root, revoked={pki.issuing.certificate.serial_number: pki.at}, at=pki.at + HOUR)
    trust = trust_in(pki, crls=[pki.crl(at=pki.at + HOUR), root])
    only(validate(letter_b_b, policy, trust, pki.at + HOUR), SubIndication.REVOKED_NO_POE)


def test_unknown_status_is_never_good(pki: Pki, policy: ValidationPolicy, letter_b_b: bytes) -> None:
    only(validate(letter_b_b, policy, trust_in(pki, crls=[]), pki.at + HOUR), SubIndication.TRY_LATER)


def test_status_older_than_the_policy_allows_is_no_status(
    pki: Pki, policy: ValidationPolicy, letter_b_b: bytes
) -> None:
    old = trust_in(pki, at=pki.at - 4 * DAY)
    report = validate(letter_b_b, policy, old, pki.at + HOUR)
    only(report, SubIndication.TRY_LATER)
    assert report.signatures[0].intact, "not knowing is not broken"


def test_a_list_signed_by_somebody_else_is_no_status(pki: Pki, policy: ValidationPolicy, letter_b_b: bytes) -> None:
    stranger = make_pki(pki.at)
    forged = [stranger.crl(at=pki.at + HOUR), stranger.crl(stranger.root, at=pki.at + HOUR)]
    only(validate(letter_b_b, policy, trust_in(pki, crls=forged), pki.at + HOUR), SubIndication.TRY_LATER)


def test_an_expired_certificate_passes_while_a_timestamp_proves_its_time(pki: Pki, policy: ValidationPolicy) -> None:
    short = pki.official_with(not_before=pki.at - DAY, not_after=pki.at + HOUR)
    status = [pki.crl(at=pki.at), pki.crl(pki.root, at=pki.at, lifetime=YEAR), pki.crl(at=pki.at + 2 * DAY)]
    trust = trust_in(pki, crls=status)
    stamped = sign(pages("Surat"), short, claimed=pki.at, token_of=(pki, pki.at))
    only(validate(stamped, policy, trust, pki.at + 2 * DAY), None)
    plain = sign(pages("Surat"), short, claimed=pki.at)
    only(validate(plain, policy, trust, pki.at + 2 * DAY), SubIndication.OUT_OF_BOUNDS_NO_POE)


def test_a_timestamp_after_the_end_of_the_certificate_proves_the_fault(pki: Pki, policy: ValidationPolicy) -> None:
    ended = pki.official_with(not_before=pki.at - DAY, not_after=pki.at - HOUR)
    pdf = sign(pages("Surat"), ended, claimed=pki.at, token_of=(pki, pki.at))
    only(validate(pdf, policy, trust_in(pki), pki.at + HOUR), SubIndication.EXPIRED)


def test_a_certificate_of_the_future_fails(pki: Pki, policy: ValidationPolicy) -> None:
    early = pki.official_with(not_before=pki.at + DAY, not_after=pki.at + 2 * DAY)
    pdf = sign(pages("Surat"), early, claimed=pki.at, token_of=(pki, pki.at))
    only(validate(pdf, policy, trust_in(pki), pki.at + HOUR), SubIndication.NOT_YET_VALID)


def test_a_list_made_after_the_end_of_a_certificate_does_not_speak_for_it(pki: Pki, policy: ValidationPolicy) -> None:
    short = pki.official_with(not_before=pki.at - DAY, not_after=pki.at + HOUR)
    pdf = sign(pages("Surat"), short, claimed=pki.at, token_of=(pki, pki.at))
    late = trust_in(pki, crls=[pki.crl(at=pki.at + DAY), pki.crl(pki.root, at=pki.at)])
    report = validate(pdf, policy, late, pki.at + DAY)
    assert report.reason is SubIndication.TRY_LATER, "expired certificates may have been dropped from the list"


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        ({"extended_key_usage": (ExtendedKeyUsageOID.SERVER_AUTH,)}, "another purpose"),
        ({"key_usage": ("key_encipherment",)}, "key usage"),
    ],
)
def test_a_certificate_for_something_else_does_not_sign_letters(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, differences: dict[str, object], said: str
) -> None:
    pdf = sign(pages("Surat"), pki.official_with(**differences), claimed=pki.at)
    report = validate(pdf, policy, trust, pki.at + HOUR)
    only(report, SubIndication.CHAIN_CONSTRAINTS_FAILURE)
    assert said in report.detail


def test_an_authority_does_not_sign_letters(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    pdf = sign(pages("Surat"), pki.issuing, claimed=pki.at)
    only(validate(pdf, policy, trust, pki.at + HOUR), SubIndication.CHAIN_CONSTRAINTS_FAILURE)


def test_a_foreign_issuer_is_unknown_and_the_file_is_still_intact(
    policy: ValidationPolicy, trust: TrustSnapshot, pki: Pki
) -> None:
    stranger = make_pki(pki.at, label="X")
    report = validate(sign(pages("Surat"), stranger.official, claimed=pki.at), policy, trust, pki.at + HOUR)
    only(report, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    (signature,) = report.signatures
    assert signature.intact
    assert signature.chain == ()
    assert signature.anchor is None
    assert signature.certified is None


def test_an_anchor_for_timestamps_does_not_vouch_for_signatures(
    pki: Pki, policy: ValidationPolicy, letter_b_b: bytes
) -> None:
    (anchor,) = trust_in(pki).anchors
    only_time = TrustAnchorEntry(
        name=anchor.name, certificate=anchor.certificate, certified=False, purposes=frozenset({"timestamp"})
    )
    trust = TrustSnapshot(anchors=(only_time,), intermediates=(), crls=trust_in(pki).crls)
    only(validate(letter_b_b, policy, trust, pki.at + HOUR), SubIndication.NO_CERTIFICATE_CHAIN_FOUND)


def test_a_historical_anchor_counts_only_for_its_own_time(
    pki: Pki, policy: ValidationPolicy, letter_b_b: bytes, letter_b_t: bytes
) -> None:
    known = trust_in(pki)
    old = TrustAnchorEntry(
        name="Lama",
        certificate=known.anchors[0].certificate,
        certified=True,
        purposes=frozenset({"signature"}),
        valid_until=pki.at + timedelta(minutes=5),
    )
    new = TrustAnchorEntry(
        name="Waktu",
        certificate=known.anchors[0].certificate,
        certified=False,
        purposes=frozenset({"timestamp"}),
    )
    trust = TrustSnapshot(anchors=(old, new), intermediates=known.intermediates, crls=known.crls)
    report = validate(letter_b_t, policy, trust, pki.at + HOUR)
    only(report, None)
    assert report.signatures[0].certified is True
    only(validate(letter_b_b, policy, trust, pki.at + HOUR), SubIndication.OUT_OF_BOUNDS_NO_POE)


@pytest.mark.parametrize("fault", ["not a timestamp unit", "not critical", "unknown authority", "ended", "revoked"])
def test_an_untrusted_timestamp_proves_nothing_and_harms_nothing(
    pki: Pki, policy: ValidationPolicy, fault: str
) -> None:
    unit, of, crls = bad_unit(pki, fault)
    pdf = sign(pages("Surat"), pki.official, claimed=pki.at, token_of=(of, pki.at), unit=unit)
    report = validate(pdf, policy, trust_in(pki, crls=crls), pki.at + HOUR)
    only(report, None)
    (signature,) = report.signatures
    assert signature.timestamp is not None
    assert not signature.timestamp.trusted
    assert signature.proven_at == pki.at + HOUR, "as if there were no timestamp"


def test_a_timestamp_from_the_future_is_not_believed(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    pdf = sign(pages("Surat"), pki.official, claimed=pki.at, token_of=(pki, pki.at + DAY))
    (signature,) = validate(pdf, policy, trust, pki.at + HOUR).signatures
    assert signature.timestamp is not None
    assert not signature.timestamp.trusted


def test_what_a_letter_carries_makes_it_verifiable_for_years(pki: Pki, policy: ValidationPolicy) -> None:
    status = [pki.crl(at=pki.at), pki.crl(pki.root, at=pki.at, lifetime=YEAR)]
    pdf = sign(pages("Surat"), pki.official, claimed=pki.at, token_of=(pki, pki.at))
    pdf = add_validation_data(pdf, [*pki.official.chain, *pki.tsu.chain], status, [pki.ocsp(pki.official.certificate)])
    archived = timestamp_document(pdf, pki, pki.at + timedelta(minutes=1))
    bare = trust_in(pki, crls=[])
    only(validate(pdf, policy, bare, pki.at + HOUR), None)
    report = validate(archived, policy, trust_in(pki, at=pki.at + 3 * YEAR), pki.at + 3 * YEAR)
    only(report, None)
    assert report.signatures[0].level == "PAdES-B-LTA"
    kinds = [change.kind for change in report.signatures[0].modifications]
    assert kinds == [ChangeKind.VALIDATION_DATA, ChangeKind.DOCUMENT_TIMESTAMP]


def test_an_archive_timestamp_carries_a_dead_timestamp_authority(pki: Pki, policy: ValidationPolicy) -> None:
    short_lived = pki.tsu_with(not_after=pki.at + 30 * DAY)
    pdf = sign(pages("Surat"), pki.official, claimed=pki.at, token_of=(pki, pki.at), unit=short_lived)
    status = [pki.crl(at=pki.at), pki.crl(pki.root, at=pki.at, lifetime=YEAR)]
    pdf = add_validation_data(pdf, [*pki.official.chain, *short_lived.chain], status, [])
    later = pki.at + 3 * YEAR
    trust = trust_in(pki, at=later)
    only(validate(pdf, policy, trust, later), SubIndication.OUT_OF_BOUNDS_NO_POE)
    only(validate(timestamp_document(pdf, pki, pki.at + DAY), policy, trust, later), None)


def test_two_signatures_are_judged_each_and_the_worst_decides(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    stranger = make_pki(pki.at, label="X")
    pdf = sign(letter_b_t, stranger.official, field="Signature2", claimed=pki.at, box=(60, 60, 200, 120))
    report = validate(pdf, policy, trust, pki.at + HOUR)
    assert report.passed_fields == {"Signature1"}
    assert report.indication is Indication.INDETERMINATE
    change, *others = sorted(report.signatures[0].modifications, key=lambda each: each.kind is not ChangeKind.SIGNATURE)
    assert {each.kind for each in others} <= {ChangeKind.VALIDATION_DATA}
    assert change.field == "Signature2"
    assert (change.revision, change.kind, change.allowed, change.page) == (3, ChangeKind.SIGNATURE, True, 1)
    assert not report.signatures[0].covers_whole_file


def test_a_letter_of_the_old_gateway_is_no_pades_and_may_still_pass(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    pdf = sign(pages("Surat"), pki.official, claimed=pki.at, subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    report = validate(pdf, policy, trust, pki.at + HOUR)
    only(report, None)
    assert report.signatures[0].level == "PKCS7"


def test_a_document_without_signature_and_a_file_that_is_none(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    assert validate(pages("Surat"), policy, trust, pki.at).indication is Indication.NO_SIGNATURE
    for junk in (b"", b"%PDF-1.7", b"hello", b"%PDF-1.7\nstartxref\n0\n%%EOF\n", pages("Surat")[:300]):
        report = validate(junk, policy, trust, pki.at)
        assert report.indication is Indication.UNREADABLE
        assert report.reason is SubIndication.FORMAT_FAILURE


def test_limits_are_counted(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes) -> None:
    for limits, said in (
        (Limits(pages=0), "pages"),
        (Limits(objects=3), "objects"),
        (Limits(revisions=1), "revisions"),
        (Limits(signatures=0), "signatures"),
    ):
        report = validate(letter_b_t, policy, trust, pki.at, limits=limits)
        assert report.indication is Indication.UNREADABLE
        assert said in report.detail
    for limits, said in ((Limits(cms_bytes=100), "container"), (Limits(certificates=1), "certificates")):
        (signature,) = validate(letter_b_t, policy, trust, pki.at, limits=limits).signatures
        assert signature.reason is SubIndication.FORMAT_FAILURE
        assert said in signature.detail


def test_nothing_is_fetched(
    pki: Pki, policy: ValidationPolicy, letter_b_t: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the verifier wanted the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert b"pki.example.org" in bytes.fromhex(contents_hex(letter_b_t)), "the certificates do name hosts"
    only(validate(letter_b_t, policy, trust_in(pki, crls=[]), pki.at + HOUR), SubIndication.TRY_LATER)
    lonely = TrustSnapshot(anchors=trust_in(pki).anchors, intermediates=(), crls=())
    stripped = Holder(key=pki.official.key, chain=(pki.official.certificate, pki.root.certificate))
    pdf = sign(pages("Surat"), stripped, claimed=pki.at)
    only(validate(pdf, policy, lonely, pki.at + HOUR), SubIndication.NO_CERTIFICATE_CHAIN_FOUND)


def test_a_time_without_zone_is_the_callers_mistake(policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    with pytest.raises(ValueError, match="zone"):
        validate(b"", policy, trust, datetime(2026, 11, 21))  # noqa: DTZ001  # the mistake itself


def test_a_report_is_neither_true_nor_false(policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    report = validate(b"", policy, trust, datetime(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(TypeError, match="indication"):
        bool(report)


def trust_where_revoked(pki: Pki, when: datetime) -> TrustSnapshot:
    issued = pki.crl(revoked={pki.official.certificate.serial_number: when}, at=pki.at + timedelta(minutes=30))
    return trust_in(pki, crls=[issued, pki.crl(pki.root, at=pki.at)])


def bad_unit(pki: Pki, fault: str) -> tuple[Holder, Pki, list[bytes]]:
    crls = [pki.crl(at=pki.at + HOUR), pki.crl(pki.root, at=pki.at + HOUR)]
    if fault == "not a timestamp unit":
        return pki.tsu_with(extended_key_usage=(ExtendedKeyUsageOID.CODE_SIGNING,)), pki, crls
    if fault == "not critical":
        return pki.tsu_with(critical=False), pki, crls
    if fault == "unknown authority":
        stranger = make_pki(pki.at, label="X")
        return stranger.tsu, stranger, crls
    if fault == "ended":
        return pki.tsu_with(not_after=pki.at + timedelta(minutes=1)), pki, crls
    unit = pki.tsu_with()
    listed = pki.crl(revoked={unit.certificate.serial_number: pki.at - HOUR}, at=pki.at + HOUR)
    return unit, pki, [listed, crls[1]]


def contents_hex(pdf: bytes) -> str:
    start = pdf.rindex(b"/Contents <") + 11
    return pdf[start : pdf.index(b">", start)].decode()
