"""Signing one document: every refusal first, then what a good signing leaves behind."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from signer.errors import (
    ActivationRefused,
    CredentialUnknown,
    CredentialUnusable,
    DocumentRefused,
    KeyUnavailable,
    PassphraseLocked,
    PassphraseWrong,
    ResultUnsound,
    SignerError,
    StampRefused,
    TextRefused,
    TimestampUnavailable,
)
from signer.model import (
    CredentialState,
    SealedKey,
    Secret,
    SignatureLevel,
    SignedAs,
    SigningOutcome,
    SigningState,
    StampPlacement,
    VerificationCode,
)
from tests.support.letters import blank, encrypted, letter, saved
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import MemoryKeyVault, PkiStatusSource, PkiTimestamper
from tests.support.signing import CREDENTIAL, PASSPHRASE, Desk, request


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture
def desk(pki: Pki) -> Desk:
    return Desk(pki=pki)


class SlowVault(MemoryKeyVault):
    """Takes as long to open a seal as others need to knock."""

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        time.sleep(0.02)
        return super().open(key, passphrase)


def test_a_pile_of_letters_signed_at_once_does_not_look_like_guessing(pki: Pki) -> None:
    vault = SlowVault()
    desk = Desk(pki=pki, keys=vault)
    desk.software = vault
    desk.enrol(pki.official_with(), "credential-2")
    pile = request(level=SignatureLevel.B_B, credential_id="credential-2")
    with ThreadPoolExecutor(12) as threads:
        signed = list(threads.map(lambda _: desk.service.sign(pile), range(12)))
    assert len({each.record.intent.code for each in signed}) == 12
    assert desk.credentials.get("credential-2").failed_attempts == 0


class BrokenVault(MemoryKeyVault):
    """Fails as an HSM's driver does: with an error of its own, which quotes what it should not."""

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        raise RuntimeError(f"CKR_DEVICE_ERROR while opening with {passphrase.reveal()}")


class SomebodyElsesKey(MemoryKeyVault):
    """Opens the right seal and hands out a wrong key."""

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())


def nothing_was_reserved(desk: Desk) -> bool:
    return desk.log.records == {} and desk.vault.contents == {}


def failure_of(desk: Desk) -> str | None:
    (outcome,) = desk.log.outcomes
    assert outcome is not None
    assert outcome.state is SigningState.FAILED
    assert outcome.document_sha256 is None
    return outcome.failure


def test_an_encrypted_document_costs_no_attempt(desk: Desk) -> None:
    with pytest.raises(DocumentRefused) as refused:
        desk.service.sign(request(document=encrypted(), passphrase=Secret("wrong")))
    assert refused.value.reason == "encrypted"
    assert desk.credentials.get(CREDENTIAL).failed_attempts == 0  # type: ignore[union-attr]  # it exists
    assert nothing_was_reserved(desk)


def test_a_page_that_does_not_exist_is_refused_before_the_passphrase(desk: Desk) -> None:
    with pytest.raises(StampRefused) as refused:
        desk.service.sign(request(stamp=StampPlacement(page=2)))
    assert refused.value.field == "stamp.page"
    assert nothing_was_reserved(desk)


@pytest.mark.parametrize("text", ["a\x00b", "baris\nbaru", "\x9b31m", "\ud800"])
def test_a_text_with_control_characters_is_refused_before_anything_else(desk: Desk, text: str) -> None:
    for differences, field in (
        ({"reason": text}, "reason"),
        ({"location": text}, "location"),
        ({"signed_as": SignedAs(on_behalf=text)}, "signed_as.on_behalf"),
    ):
        with pytest.raises(TextRefused) as refused:
            desk.service.sign(request(**differences, passphrase=Secret("wrong")))
        assert refused.value.field == field
    assert desk.credentials.get(CREDENTIAL).failed_attempts == 0  # type: ignore[union-attr]  # it exists
    assert nothing_was_reserved(desk)


@pytest.mark.parametrize("nip", ["", "12345", "19800101200501200x", "198001012005012001\n", "1980010120050120011"])
def test_what_is_no_nip_is_refused_and_not_repeated(desk: Desk, nip: str) -> None:
    with pytest.raises(TextRefused) as refused:
        desk.service.sign(request(stamp=StampPlacement(nip=nip), passphrase=Secret("wrong")))
    assert refused.value.field == "stamp.nip"
    assert not nip or nip not in str(refused.value)
    assert nothing_was_reserved(desk)


def test_a_nip_is_printed_and_stands_in_no_record(desk: Desk) -> None:
    stamp = StampPlacement(nip="198001012005012001")
    assert "19800101" not in repr(stamp)
    signed = desk.service.sign(request(stamp=stamp))
    assert "19800101" not in repr(signed.record)
    assert "19800101" not in repr(desk.log.records)


def test_an_unknown_credential_is_refused(desk: Desk) -> None:
    with pytest.raises(CredentialUnknown):
        desk.service.sign(request(credential_id="nobody"))


@pytest.mark.parametrize("state", [CredentialState.SUSPENDED, CredentialState.REVOKED, CredentialState.RETIRED])
def test_a_credential_that_is_not_active_does_not_sign(desk: Desk, pki: Pki, state: CredentialState) -> None:
    desk.enrol(pki.official, "other", state)
    with pytest.raises(CredentialUnusable) as refused:
        desk.service.sign(request(credential_id="other"))
    assert refused.value.reason == state.value
    assert desk.software.opened == 0
    assert nothing_was_reserved(desk)


@pytest.mark.parametrize(("moment", "reason"), [(timedelta(days=-1), "expired"), (timedelta(days=1), "not-yet-valid")])
def test_a_certificate_out_of_date_does_not_sign(desk: Desk, pki: Pki, moment: timedelta, reason: str) -> None:
    start = pki.at + moment if reason == "not-yet-valid" else pki.at - timedelta(days=9)
    end = pki.at + moment if reason == "expired" else pki.at + timedelta(days=9)
    desk.enrol(pki.official_with(not_before=start, not_after=end), "other")
    with pytest.raises(CredentialUnusable) as refused:
        desk.service.sign(request(credential_id="other"))
    assert refused.value.reason == reason
    assert desk.software.opened == 0


def test_a_certificate_of_another_key_is_noticed_before_the_passphrase(desk: Desk, pki: Pki) -> None:
    right, wrong = pki.official_with(), pki.official_with()
    desk.enrol(type(right)(key=right.key, chain=wrong.chain), "other")
    with pytest.raises(KeyUnavailable):
        desk.service.sign(request(credential_id="other"))
    assert desk.software.opened == 0


def test_a_wrong_passphrase_is_counted_and_says_how_many_are_left(desk: Desk) -> None:
    with pytest.raises(PassphraseWrong, match="4 attempts are left"):
        desk.service.sign(request(passphrase=Secret("tujuh gunung menunggu panas")))
    assert desk.credentials.get(CREDENTIAL).failed_attempts == 1  # type: ignore[union-attr]  # it exists
    assert nothing_was_reserved(desk)


def test_the_attempt_is_counted_before_the_passphrase_is_tried(pki: Pki) -> None:
    desk = Desk(pki=pki, keys=BrokenVault())
    with pytest.raises(KeyUnavailable):
        desk.service.sign(request())
    assert desk.credentials.get(CREDENTIAL).failed_attempts == 1  # type: ignore[union-attr]  # it exists


def test_after_five_failures_there_is_a_wait_in_which_nothing_is_tried(desk: Desk) -> None:
    for _ in range(5):
        with pytest.raises(PassphraseWrong) as last:
            desk.service.sign(request(passphrase=Secret("wrong")))
    assert "next attempt is possible from 2026-11-21 04:01:00 UTC on" in str(last.value)
    tried = desk.software.opened
    with pytest.raises(PassphraseLocked):
        desk.service.sign(request())
    assert desk.software.opened == tried
    desk.clock += timedelta(minutes=1)
    desk.service.sign(request(level=SignatureLevel.B_B))


def test_the_right_passphrase_clears_the_count(desk: Desk) -> None:
    with pytest.raises(PassphraseWrong):
        desk.service.sign(request(passphrase=Secret("wrong")))
    desk.service.sign(request(level=SignatureLevel.B_B))
    assert desk.credentials.get(CREDENTIAL).failed_attempts == 0  # type: ignore[union-attr]  # it exists


def test_consent_covers_this_document_for_this_client_and_is_used_up(desk: Desk) -> None:
    signed = desk.service.sign(request(level=SignatureLevel.B_B))
    (consent,) = desk.activations.granted.values()
    digest = signed.record.intent.input_sha256
    assert consent.digests == frozenset({digest})
    assert (consent.client_id, consent.credential_id) == ("e-office", CREDENTIAL)
    assert consent.factors == ("passphrase",)
    with pytest.raises(ActivationRefused):
        desk.activations.redeem(
            consent.id, client_id="e-office", credential_id=CREDENTIAL, digest=digest, at=desk.clock
        )


def test_a_refused_consent_stops_before_anything_is_reserved(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.activations, "grant", lambda _: None)
    with pytest.raises(ActivationRefused):
        desk.service.sign(request())
    assert nothing_was_reserved(desk)


def test_a_stamp_outside_of_the_page_costs_no_attempt(desk: Desk) -> None:
    with pytest.raises(StampRefused) as refused:
        desk.service.sign(request(stamp=StampPlacement(x=500, y=20), passphrase=Secret("wrong")))
    assert refused.value.field == "stamp.x"
    assert nothing_was_reserved(desk)


@pytest.mark.parametrize("name", ["office", "rank", "on_behalf"])
def test_what_the_fonts_lack_is_refused_before_a_passphrase_is_tried(desk: Desk, name: str) -> None:
    asked = request(stamp=StampPlacement(), signed_as=SignedAs(**{name: "漢"}), passphrase=Secret("wrong"))
    with pytest.raises(StampRefused) as refused:
        desk.service.sign(asked)
    assert (refused.value.field, refused.value.reason) == ("signed_as", "no-such-letter")
    assert nothing_was_reserved(desk)
    assert desk.credentials.get(CREDENTIAL).failed_attempts == 0


def test_texts_that_do_not_fit_are_refused_before_a_passphrase_is_tried(desk: Desk) -> None:
    long = SignedAs(office="KEPALA DINAS " * 120)
    with pytest.raises(StampRefused) as refused:
        desk.service.sign(request(stamp=StampPlacement(), signed_as=long, passphrase=Secret("wrong")))
    assert refused.value.reason == "too-much-text"
    assert nothing_was_reserved(desk)


def test_a_footer_that_does_not_fit_is_refused_before_a_passphrase_is_tried(desk: Desk) -> None:
    narrow = saved(blank(1, size=(290, 400)))
    with pytest.raises(StampRefused) as refused:
        desk.service.sign(request(document=narrow, footer="*", passphrase=Secret("wrong")))
    assert (refused.value.field, refused.value.reason) == ("footer", "page-too-narrow")
    assert nothing_was_reserved(desk)


def test_who_acts_cannot_hide_it_in_the_office(desk: Desk) -> None:
    with pytest.raises(TextRefused) as refused:
        desk.service.sign(request(signed_as=SignedAs(office="Plt. Kepala Dinas Contoh"), passphrase=Secret("wrong")))
    assert (refused.value.field, refused.value.reason) == ("signed_as.office", "form-in-title")
    assert nothing_was_reserved(desk)


def test_without_any_time_stamping_authority_nothing_is_released(pki: Pki) -> None:
    desk = Desk(pki=pki, timestampers=[PkiTimestamper(pki=pki, broken=True)])
    with pytest.raises(TimestampUnavailable):
        desk.service.sign(request(level=SignatureLevel.B_T))
    assert failure_of(desk) == "timestamp-unavailable"
    assert desk.vault.contents == {}


def test_a_second_authority_helps_out(pki: Pki) -> None:
    broken, working = PkiTimestamper(pki=pki, broken=True), PkiTimestamper(pki=pki)
    desk = Desk(pki=pki, timestampers=[broken, working])
    desk.service.sign(request(level=SignatureLevel.B_T))
    assert (broken.asked, working.asked) == (1, 1)


def test_a_revoked_certificate_is_never_given_out_with_its_own_revocation_inside(pki: Pki) -> None:
    revoked = {pki.official.certificate.serial_number: pki.at - timedelta(hours=1)}
    desk = Desk(pki=pki, status=PkiStatusSource(pki=pki, revoked=revoked))
    with pytest.raises(CredentialUnusable) as refused:
        desk.service.sign(request(level=SignatureLevel.B_LT))
    assert refused.value.reason == "revoked"
    assert failure_of(desk) == "revoked"
    assert desk.vault.contents == {}


def test_a_key_that_is_not_the_certificates_is_caught_by_the_last_check(pki: Pki) -> None:
    desk = Desk(pki=pki, keys=SomebodyElsesKey())
    with pytest.raises(ResultUnsound):
        desk.service.sign(request(level=SignatureLevel.B_B))
    assert failure_of(desk) == "result-unsound"
    assert desk.vault.contents == {}


def test_a_full_disk_is_recorded_without_its_text(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(content: bytes) -> str:
        raise OSError("No space left on device: /srv/teken/vault")

    monkeypatch.setattr(desk.vault, "put", full)
    with pytest.raises(OSError, match="No space"):
        desk.service.sign(request(level=SignatureLevel.B_B))
    assert failure_of(desk) == "internal"


class PowerCut(BaseException):
    """Nothing in the process can react to it."""


def test_a_crash_after_the_reservation_leaves_a_trace_that_is_settled_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(content: bytes) -> str:
        raise PowerCut

    monkeypatch.setattr(desk.vault, "put", cut)
    with pytest.raises(PowerCut):
        desk.service.sign(request(level=SignatureLevel.B_B))
    assert desk.log.outcomes == [None]
    later = desk.clock + timedelta(minutes=10)
    assert desk.log.settle_abandoned(before=later, at=later) == 1
    assert failure_of(desk) == "interrupted"


def test_a_crash_between_vault_and_record_releases_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(code: VerificationCode, outcome: SigningOutcome) -> None:
        raise PowerCut

    monkeypatch.setattr(desk.log, "record", cut)
    with pytest.raises(PowerCut):
        desk.service.sign(request(level=SignatureLevel.B_B))
    assert desk.log.outcomes == [None]


@dataclass(frozen=True)
class Mishap:
    """One way to fail, to see what it says."""

    name: str
    keys: type[MemoryKeyVault] | None = None
    passphrase: str = PASSPHRASE
    document: bytes | None = None


MISHAPS = [
    Mishap("wrong passphrase", passphrase="gunung rahasia nomor tujuh"),
    Mishap("vault quotes the passphrase", keys=BrokenVault),
    Mishap("other key", keys=SomebodyElsesKey),
    Mishap("broken document", document=b"%PDF-1.7\n1 0 obj << /Gaji (Rp 9.000.000) >> endobj"),
]


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.name)
def test_no_secret_and_no_content_is_in_any_error_or_log_line(
    pki: Pki, mishap: Mishap, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk = Desk(pki=pki, keys=mishap.keys() if mishap.keys else None)
    asked = request(passphrase=Secret(mishap.passphrase), document=mishap.document or letter())
    with pytest.raises(SignerError) as error:
        desk.service.sign(asked)
    told = f"{error.value!s} {error.value!r} {asked.passphrase!r} {caplog.text} {desk.log.outcomes}"
    for secret in (mishap.passphrase, "gunung", "9.000.000"):
        assert secret not in told


@pytest.mark.parametrize("level", list(SignatureLevel), ids=lambda level: level.value)
def test_a_good_signing_leaves_document_record_and_consent(desk: Desk, level: SignatureLevel) -> None:
    signed = desk.service.sign(request(level=level, stamp=StampPlacement(), reason="Persetujuan", location="Denpasar"))
    outcome = signed.record.outcome
    assert outcome is not None
    assert outcome.state is SigningState.SIGNED
    assert outcome.document_sha256 is not None
    assert desk.vault.get(outcome.document_sha256) == signed.pdf
    assert outcome.document_size == len(signed.pdf)
    assert outcome.page_count == 1
    assert signed.pdf.startswith(letter())
    assert desk.log.find(signed.record.intent.code.token) == signed.record
    assert desk.log.find(signed.record.intent.code.short) == signed.record


def test_a_signed_document_can_be_signed_again(desk: Desk) -> None:
    first = desk.service.sign(request(stamp=StampPlacement()))
    second = desk.service.sign(request(document=first.pdf, stamp=StampPlacement(), level=SignatureLevel.B_LTA))
    assert second.pdf.startswith(first.pdf)
    assert second.pdf.count(b"/ETSI.CAdES.detached") == 2
