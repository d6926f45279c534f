"""Enrolment and the life of a credential; what a passphrase must be."""

from datetime import datetime

import pytest
from cryptography import x509

from signer.credentials import CredentialService
from signer.errors import CredentialUnknown, CredentialUnusable, KeyUnavailable, PassphraseTooWeak, PassphraseWrong
from signer.model import CertificateRequest, Credential, CredentialState, Secret
from signer.passphrase import require_strong
from signer.people import Purpose
from tests.support.pki import NOON, Pki, make_pki
from tests.support.signer_memory import MemoryCredentialStore, MemoryKeyVault, PkiIssuer
from tests.support.signing import PASSPHRASE, SIGNATORY, counted_bytes

GOOD = Secret(PASSPHRASE)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


class Office:
    """A registration office in memory."""

    def __init__(self, pki: Pki, issuer: PkiIssuer | None = None) -> None:
        self.store, self.vault, self.issuer = MemoryCredentialStore(), MemoryKeyVault(), issuer or PkiIssuer(pki=pki)
        self.service = CredentialService(
            credentials=self.store,
            keys=self.vault,
            issuer=self.issuer,
            now=lambda: NOON,
            random_bytes=counted_bytes(),
        )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sebelas1234", "too-short"),
        ("ﬁﬁﬁﬁﬁ", "too-short"),
        ("a" * 300, "too-long"),
        ("abababababababab", "repetitive"),
        ("123456789012", "common"),
        ("Bali Dwipa Jaya!!", "common"),
        ("IndonesiaRaya2026", "common"),
        ("Qwertyuiop 1234", "common"),
        ("I Wayan Contoh", "common"),
    ],
)
def test_a_weak_passphrase_makes_nothing(pki: Pki, text: str, reason: str) -> None:
    office = Office(pki)
    with pytest.raises(PassphraseTooWeak) as refused:
        office.service.enrol(SIGNATORY, Secret(text), "registrar")
    assert (refused.value.field, refused.value.reason) == ("passphrase", reason)
    assert text not in str(refused.value)
    assert office.store.acts == []


@pytest.mark.parametrize("text", [PASSPHRASE, "kopi-sore-di-tepi-danau", "ॐ शान्ति शान्ति शान्ति हरि", "G7!kq0-Zt3#Lm"])
def test_a_long_uncommon_passphrase_passes_without_rules_of_composition(text: str) -> None:
    require_strong(Secret(text))


class IssuerOfAnotherKey(PkiIssuer):
    """Certifies a key that nobody asked for."""

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        return self.pki.official.chain


def test_a_certificate_over_another_key_is_not_taken(pki: Pki) -> None:
    office = Office(pki, IssuerOfAnotherKey(pki=pki))
    with pytest.raises(KeyUnavailable):
        office.service.enrol(SIGNATORY, GOOD, "registrar")
    assert office.store.acts == []


def test_enrolment_gives_a_credential_that_only_its_passphrase_opens(pki: Pki) -> None:
    office = Office(pki)
    credential = office.service.enrol(SIGNATORY, GOOD, "registrar")
    assert credential.state is CredentialState.ACTIVE
    assert office.store.get(credential.id) == credential
    assert office.vault.open(credential.key, GOOD).public_key() == credential.certificate.public_key()
    with pytest.raises(PassphraseWrong):
        office.vault.open(credential.key, Secret("another passphrase"))


def test_two_enrolments_share_nothing(pki: Pki) -> None:
    office = Office(pki)
    first, second = (office.service.enrol(SIGNATORY, GOOD, "registrar") for _ in range(2))
    assert first.id != second.id
    assert first.key.public_key != second.key.public_key


def test_suspending_and_resuming_name_their_actor(pki: Pki) -> None:
    office = Office(pki)
    credential = office.service.enrol(SIGNATORY, GOOD, "registrar")
    office.service.suspend(credential.id, "officer-1")
    office.service.resume(credential.id, "officer-2")
    assert [(actor, state.value) for actor, _, state in office.store.acts] == [
        ("registrar", "active"),
        ("officer-1", "suspended"),
        ("officer-2", "active"),
    ]


def test_revoking_ends_the_credential_and_its_certificate(pki: Pki) -> None:
    office = Office(pki)
    credential = office.service.enrol(SIGNATORY, GOOD, "registrar")
    for _ in range(2):  # once more after an issuer that did not answer
        office.service.revoke(credential.id, x509.ReasonFlags.key_compromise, "officer-1")
    serial = credential.certificate.serial_number
    assert office.issuer.revoked == [(serial, x509.ReasonFlags.key_compromise, "officer-1")] * 2
    with pytest.raises(CredentialUnusable):
        office.service.resume(credential.id, "officer-1")


class ForgetfulStore(MemoryCredentialStore):
    """Keeps nothing."""

    def add(self, credential: Credential, *, actor: str, at: datetime) -> None:
        raise OSError("the disk is full")

    def install(self, credential: Credential, **_: object) -> None:
        raise OSError("the disk is full")


@pytest.mark.parametrize("act", ["enrol", "install"])
def test_a_certificate_whose_key_was_not_kept_is_revoked(pki: Pki, act: str) -> None:
    office = Office(pki)
    office.service._credentials = ForgetfulStore()
    more = {"purpose": Purpose.ENROLMENT, "replaces": None, "registration_id": None} if act == "install" else {}
    with pytest.raises(OSError, match="full"):
        getattr(office.service, act)(SIGNATORY, GOOD, actor="registrar", **more)
    assert [each[1:] for each in office.issuer.revoked] == [(x509.ReasonFlags.superseded, "registrar")]


class IssuerThatDoesNotRevoke(PkiIssuer):
    """Issues, and then is gone."""

    def revoke(self, *_: object, **__: object) -> None:
        raise KeyUnavailable("the CA does not answer")


def test_what_could_be_neither_kept_nor_revoked_is_in_the_log(pki: Pki, caplog: pytest.LogCaptureFixture) -> None:
    office = Office(pki, IssuerThatDoesNotRevoke(pki=pki))
    office.service._credentials = ForgetfulStore()
    with pytest.raises(OSError, match="full"):
        office.service.enrol(SIGNATORY, GOOD, "registrar")
    assert "no key is kept for certificate" in caplog.text


@pytest.mark.parametrize("act", ["suspend", "resume"])
def test_nobody_acts_on_a_credential_that_does_not_exist(pki: Pki, act: str) -> None:
    with pytest.raises(CredentialUnknown):
        getattr(Office(pki).service, act)("nobody", "officer-1")
