import dataclasses
import os
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

import signer.model
from hsm_config import sealing
from hsm_config.errors import HsmError, HsmMisconfigured, SealNotOpened, WrappedKeyRefused
from hsm_config.gate import Gate
from hsm_config.settings import KeyLabels
from hsm_config.vault import HsmVault, SealedKey

pytestmark = pytest.mark.hsm
ECDSA = ec.ECDSA(hashes.SHA256())
PASSPHRASE = "kunci rahasia contoh"
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pejabat Contoh")])


def make_csr(key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    return x509.CertificateSigningRequestBuilder().subject_name(NAME).sign(key, hashes.SHA256())


def enrol(vault: HsmVault, key_id: str = "key-1") -> tuple[SealedKey, x509.CertificateSigningRequest]:
    return vault.generate(key_id=key_id, signatory_id="signatory-1", passphrase=PASSPHRASE, make_csr=make_csr)


@pytest.fixture(scope="module")
def enrolled(softhsm_vault: HsmVault) -> tuple[SealedKey, x509.CertificateSigningRequest]:
    return enrol(softhsm_vault)


@pytest.fixture(scope="module")
def sealed(enrolled: tuple[SealedKey, x509.CertificateSigningRequest]) -> SealedKey:
    return enrolled[0]


def test_a_new_key_signs_its_request_and_signs_again_when_opened(
    softhsm_vault: HsmVault, enrolled: tuple[SealedKey, x509.CertificateSigningRequest]
) -> None:
    sealed, csr = enrolled
    assert csr.is_signature_valid
    key = softhsm_vault.open(sealed, PASSPHRASE)
    assert key.public_key() == csr.public_key()
    key.public_key().verify(key.sign(b"letter", ECDSA), b"letter", ECDSA)


def test_the_row_says_how_it_was_made(sealed: SealedKey, softhsm_vault: HsmVault) -> None:
    public = softhsm_vault.open(sealed, PASSPHRASE).public_key()
    assert sealed == dataclasses.replace(
        sealed,
        key_id="key-1",
        signatory_id="signatory-1",
        public_key=public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        argon2_memory_kib=65536,
        argon2_passes=3,
        argon2_lanes=1,
        layer_version=1,
        pepper_label="pepper-1",
        kek_label="kek-official-1",
        wrap_mechanism=0x210A,
    )
    assert (len(sealed.sealed), len(sealed.nonce), len(sealed.salt)) == (96, 12, 16)


def test_the_sealed_key_has_exactly_the_fields_that_signing_knows() -> None:
    ours, theirs = dataclasses.fields(SealedKey), dataclasses.fields(signer.model.SealedKey)
    assert [(field.name, field.type) for field in ours] == [(field.name, field.type) for field in theirs]


def test_every_key_and_every_seal_is_new(sealed: SealedKey, softhsm_vault: HsmVault) -> None:
    other, _ = enrol(softhsm_vault)
    for name in ("public_key", "sealed", "nonce", "salt"):
        assert getattr(other, name) != getattr(sealed, name)


def test_a_wrong_passphrase_does_not_open_the_key(softhsm_vault: HsmVault, sealed: SealedKey) -> None:
    with pytest.raises(SealNotOpened) as refusal:
        softhsm_vault.open(sealed, "kunci yang salah")
    assert "salah" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "change", "error"),
    [
        ("key_id", lambda _: "key-2", SealNotOpened),
        ("signatory_id", lambda _: "signatory-2", SealNotOpened),
        ("public_key", lambda spki: spki[:-1] + bytes([spki[-1] ^ 1]), SealNotOpened),
        ("sealed", lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), SealNotOpened),
        ("nonce", lambda nonce: nonce[::-1], SealNotOpened),
        ("salt", lambda salt: salt[::-1], SealNotOpened),
        ("argon2_memory_kib", lambda _: 32768, SealNotOpened),
        ("argon2_passes", lambda _: 4, SealNotOpened),
        ("argon2_lanes", lambda _: 2, SealNotOpened),
        ("layer_version", lambda _: 2, HsmMisconfigured),
        ("pepper_label", lambda _: "pepper-9", HsmMisconfigured),
        ("kek_label", lambda _: "kek-official-9", SealNotOpened),
        ("wrap_mechanism", lambda _: 0x2109, SealNotOpened),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_no_field_of_the_row_can_be_changed(
    softhsm_vault: HsmVault,
    sealed: SealedKey,
    name: str,
    change: Callable[[Any], Any],
    error: type[HsmError],
) -> None:
    changed = dataclasses.replace(sealed, **{name: change(getattr(sealed, name))})
    with pytest.raises(error):
        softhsm_vault.open(changed, PASSPHRASE)


def test_every_field_of_the_row_is_tried_above() -> None:
    marks = test_no_field_of_the_row_can_be_changed.pytestmark
    tried = {row[0] for mark in marks if mark.name == "parametrize" for row in mark.args[1]}
    assert tried == {field.name for field in dataclasses.fields(SealedKey)}


def resealed(vault: HsmVault, row: SealedKey, blob: bytes, **binding: Any) -> SealedKey:
    """The row with another blob properly sealed inside: what somebody with HSM and passphrase could store."""
    bound = dataclasses.replace(
        sealing.Binding(
            key_id=row.key_id,
            signatory_id=row.signatory_id,
            public_key=row.public_key,
            kek_label=row.kek_label,
            wrap_mechanism=row.wrap_mechanism,
        ),
        **binding,
    )
    pepper = vault._pepper(row.pepper_label)
    made = sealing.seal(blob, bound, passphrase=PASSPHRASE, pepper=pepper, random_bytes=os.urandom)
    return dataclasses.replace(row, sealed=made.sealed, nonce=made.nonce, salt=made.salt, **binding)


def test_a_changed_blob_under_a_good_seal_is_an_integrity_alarm(softhsm_vault: HsmVault, sealed: SealedKey) -> None:
    key = softhsm_vault.open(resealed(softhsm_vault, sealed, bytes(80)), PASSPHRASE)
    with pytest.raises(WrappedKeyRefused, match="integrity alarm"):
        key.sign(b"letter", ECDSA)


def test_a_mechanism_that_this_release_does_not_know_is_named(softhsm_vault: HsmVault, sealed: SealedKey) -> None:
    row = resealed(softhsm_vault, sealed, bytes(80), wrap_mechanism=0x210B)
    with pytest.raises(HsmMisconfigured, match="0x210b"):
        softhsm_vault.open(row, PASSPHRASE)


def test_the_key_of_a_request_cannot_be_used_after_enrolment(softhsm_vault: HsmVault) -> None:
    kept: list[ec.EllipticCurvePrivateKey] = []
    softhsm_vault.generate(key_id="k", signatory_id="s", passphrase=PASSPHRASE, make_csr=kept.append)
    with pytest.raises(HsmError, match="open the sealed key again"):
        kept[0].sign(b"letter", ECDSA)


def test_a_request_that_fails_fails_the_enrolment_and_leaves_nothing(
    softhsm_vault: HsmVault, softhsm_gate: Gate
) -> None:
    def fail(_: ec.EllipticCurvePrivateKey) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        softhsm_vault.generate(key_id="k", signatory_id="s", passphrase=PASSPHRASE, make_csr=fail)
    assert softhsm_gate.counters.live_handles == 0


def test_the_canary_sings(softhsm_vault: HsmVault) -> None:
    softhsm_vault.canary()


def test_the_canary_survives_a_lost_session(softhsm_vault: HsmVault, softhsm_gate: Gate) -> None:
    softhsm_gate.run(lambda session: session.close())
    softhsm_vault.canary()


@pytest.mark.parametrize("missing", ["kek", "pepper"])
def test_a_vault_without_its_keys_is_not_made(softhsm_gate: Gate, missing: str) -> None:
    with pytest.raises(HsmMisconfigured, match="no SECRET_KEY labelled 'absent'"):
        HsmVault(softhsm_gate, KeyLabels(**{missing: "absent"}), os.urandom)
