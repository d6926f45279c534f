"""Raised and renewed: each level from each lower one, what is refused, and what outlives its signer's certificate."""

import io
from datetime import timedelta
from itertools import combinations

import pikepdf
import pytest
from pyhanko.sign.fields import MDPPerm

from signer.archival import add_validation_data
from signer.document import Document
from signer.errors import DocumentRefused, ResultUnsound, StatusUnavailable, TimestampUnavailable
from signer.intake import IntakeLimits, new_decode_limits
from signer.model import SignatureLevel, ValidationData
from tests.support.archiving import House
from tests.support.letters import letter
from tests.support.pki import make_pki
from tests.vectors.letters import sign as sign_elsewhere
from verifier.model import Indication, SignatureKind

B_B, B_T, B_LT, B_LTA = SignatureLevel
STEPS = list(combinations(SignatureLevel, 2))


@pytest.fixture(scope="module")
def shared() -> House:
    return House()


@pytest.fixture
def house(shared: House) -> House:
    return House(pki=shared.pki)


def refusal(house: House, document: bytes, level: SignatureLevel = B_LTA) -> str:
    with pytest.raises(DocumentRefused) as refused:
        house.augmentation.augment(document, level)
    return refused.value.reason


@pytest.mark.parametrize(("low", "high"), STEPS, ids=lambda level: level.value)
def test_every_level_is_reached_from_every_lower_one(house: House, low: SignatureLevel, high: SignatureLevel) -> None:
    signed = house.signed(low)
    house.clock += timedelta(days=3)
    made = house.augmentation.augment(signed, high)
    assert made.pdf.startswith(signed)
    assert made.level is high
    assert house.levels(made.pdf) == [f"PAdES-{high.value}"]
    assert house.report(made.pdf).indication is Indication.TOTAL_PASSED
    if high.needs_validation_data:
        assert house.levels(made.pdf, alone=True) == [f"PAdES-{high.value}"]
    assert all(each.allowed for each in house.report(made.pdf).signatures[0].modifications)


def test_step_by_step_is_as_good_as_at_once(house: House) -> None:
    pdf = house.signed(B_B)
    for level in (B_T, B_LT, B_LTA):
        house.clock += timedelta(days=1)
        pdf = house.augmentation.augment(pdf, level).pdf
        assert house.levels(pdf) == [f"PAdES-{level.value}"]


def test_another_revision_adds_only_what_is_new(house: House) -> None:
    made = house.augmentation.augment(house.signed(B_LT), B_LTA)
    with pikepdf.open(io.BytesIO(made.pdf)) as opened:
        certificates = [bytes(each.read_bytes()) for each in opened.Root.DSS.Certs]
    assert len(certificates) == len(set(certificates))


@pytest.mark.parametrize("level", SignatureLevel, ids=lambda level: level.value)
def test_what_is_reached_is_not_raised(house: House, level: SignatureLevel) -> None:
    assert refusal(house, house.signed(level), level) == "level-reached"


def test_a_level_without_the_data_that_it_needs_does_not_count(house: House) -> None:
    """A DSS that tells nothing of the signer's own certificate; what has it is raised as the B-T that it is."""
    data = ValidationData(certificates=(), ocsp_responses=(), crls=(house.pki.crl(house.pki.root, {}, house.clock),))
    hollow = add_validation_data(Document.of(house.signed(B_T)), new_decode_limits(IntakeLimits()), data).content()
    assert house.levels(hollow) == ["PAdES-B-T"]
    assert house.levels(hollow, alone=True) == []
    made = house.augmentation.augment(hollow, B_LT)
    assert house.levels(made.pdf, alone=True) == ["PAdES-B-LT"]


def test_several_signatures_are_raised_together(house: House) -> None:
    other = house.pki.official_with(name="Ni Made Contoh", opaque_id="L5QXA2LBONUWC3TC")
    once = house.signed(B_T)
    twice = house.signed(B_B, document=once, holder=other)
    made = house.augmentation.augment(twice, B_LTA)
    assert made.level is B_LTA
    assert house.levels(made.pdf, alone=True) == ["PAdES-B-LTA", "PAdES-B-LTA"]


def test_a_strangers_letter_is_raised_like_ours(house: House) -> None:
    stranger = sign_elsewhere(letter(), house.pki.official, claimed=house.clock)
    made = house.augmentation.augment(stranger, B_LTA)
    assert house.levels(made.pdf, alone=True) == ["PAdES-B-LTA"]


@pytest.mark.parametrize("permission", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS])
def test_a_certified_letter_is_raised_and_stays_certified(house: House, permission: MDPPerm) -> None:
    """ISO 32000-2, 12.8.2.2.2: a DSS and a document timestamp are no changes, not even with P 1."""
    certified = sign_elsewhere(letter(), house.pki.official, claimed=house.clock, certify=permission)
    made = house.augmentation.augment(certified, B_LTA)
    assert house.levels(made.pdf, alone=True) == ["PAdES-B-LTA"]


def test_what_is_no_signed_pdf_is_refused_politely(house: House) -> None:
    encrypted = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as opened:
        opened.save(encrypted, encryption=pikepdf.Encryption(owner="x", user=""))
    signed = house.signed(B_T)
    assert refusal(house, letter()) == "unsigned"
    assert refusal(house, b"") == "empty"
    assert refusal(house, b"Surat") == "not-a-pdf"
    assert refusal(house, encrypted.getvalue()) == "encrypted"
    assert refusal(house, signed[: len(signed) // 2]) == "broken"
    assert refusal(house, b"%PDF-1.7\n" + bytes(100)) == "broken"


def test_a_changed_letter_is_not_raised(house: House) -> None:
    signed = house.signed(B_T)
    asked = house.unit.asked
    assert refusal(house, flipped(signed, signed.index(b"/Contents", 1000) - 40)) in ("not-valid", "broken")
    assert house.unit.asked == asked


def flipped(pdf: bytes, at: int) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def test_a_strangers_root_is_not_raised(house: House) -> None:
    assert refusal(house, House(pki=make_pki(label="X")).signed(B_T)) == "not-valid"


def test_a_revoked_signer_is_not_helped_by_a_later_timestamp(house: House) -> None:
    signed = house.signed(B_B)
    house.status.revoked[house.pki.official.certificate.serial_number] = house.clock + timedelta(minutes=1)
    house.clock += timedelta(days=1)
    for level in (B_T, B_LT, B_LTA):
        assert refusal(house, signed, level) == "not-valid"


def test_a_revocation_after_the_proven_time_is_kept_beside_the_signature(house: House) -> None:
    signed = house.signed(B_T)
    house.clock += timedelta(days=1)
    house.status.revoked[house.pki.official.certificate.serial_number] = house.clock
    house.clock += timedelta(days=1)
    made = house.augmentation.augment(signed, B_LTA)
    assert house.levels(made.pdf, alone=True) == ["PAdES-B-LTA"]


def test_without_fresh_status_nothing_is_raised(house: House) -> None:
    signed = house.signed(B_T)
    house.status.silent = True
    for level in (B_LT, B_LTA):
        with pytest.raises(StatusUnavailable):
            house.augmentation.augment(signed, level)


def test_without_time_nothing_is_raised(house: House) -> None:
    signed = house.signed(B_T)
    house.unit.broken = True
    with pytest.raises(TimestampUnavailable):
        house.augmentation.augment(signed, B_LTA)


def test_the_time_of_a_stranger_is_noticed_before_anything_is_released(house: House) -> None:
    signed = house.signed(B_T)
    house.unit.house = House(pki=make_pki(label="Y"))
    with pytest.raises((ResultUnsound, StatusUnavailable)):
        house.augmentation.augment(signed, B_LTA)


def test_what_is_renewed_outlives_its_signer_and_its_first_timestamp(house: House) -> None:
    plain, archived = house.signed(B_T), house.signed(B_LTA)
    first_end = house.units[0].certificate.not_valid_after_utc
    for _ in range(2):
        ends = house.judge.judge_alone(archived).good_until
        house.clock = ends - timedelta(days=100)
        renewed = house.augmentation.renew(archived)
        assert renewed.pdf.startswith(archived)
        assert renewed.good_until > ends
        archived = renewed.pdf
    assert house.clock > first_end
    assert house.clock > house.pki.official.certificate.not_valid_after_utc
    assert house.levels(archived) == ["PAdES-B-LTA"]
    assert house.levels(archived, alone=True) == ["PAdES-B-LTA"]
    assert house.levels(plain) == []
    assert house.report(plain).indication is Indication.INDETERMINATE


def test_a_renewal_that_gains_nothing_is_none(house: House) -> None:
    with pytest.raises(ResultUnsound, match="no gain"):
        house.augmentation.renew(house.signed(B_LTA))


def test_a_b_lt_letter_becomes_b_lta_when_it_is_renewed(house: House) -> None:
    signed = house.signed(B_LT)
    house.clock += timedelta(days=365 * 4 + 100)
    renewed = house.augmentation.renew(signed)
    stamps = [each for each in house.report(renewed.pdf).signatures if each.kind is SignatureKind.DOCUMENT_TIMESTAMP]
    assert (renewed.level, len(stamps)) == (B_LTA, 1)
