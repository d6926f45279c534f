"""What each token does in the recovery of KEK and pepper: each function runs in a fresh process, as on a host of its
own."""

import dataclasses
import os
from functools import partial
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import NameOID
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass

from hsm_config.gate import Gate, open_gate
from hsm_config.mechanisms import PEPPER
from hsm_config.package import Purpose, read_package, write_package
from hsm_config.settings import HsmSettings
from hsm_config.token_objects import destroy_secret, list_labels, remove_leftovers
from hsm_config.transport import bear, holds_what_was_born, make_transport_key, receive
from hsm_config.vault import HsmVault, SealedKey
from tests.support.token_secrets import make_kek, make_pepper
from tests.unit.hsm_config.scenarios import ECDSA, LETTER, said

PASSPHRASE = "kunci rahasia contoh"
CHALLENGE = b"the same on both tokens"


def export(settings: HsmSettings) -> bytes:
    """The public half of the token's transport key."""
    with open_gate(settings) as gate:
        return make_transport_key(gate, settings.transport_label)


def bear_both(settings: HsmSettings, recipients: list[bytes], folder: Path) -> list[Path]:
    """KEK and pepper for each recipient, as files."""
    with open_gate(settings) as gate:
        packages = [
            package
            for label, purpose in ((settings.keys.kek, Purpose.KEK), (settings.keys.pepper, Purpose.PEPPER))
            for package in bear(gate, label, purpose, recipients)
        ]
        assert gate.counters.live_handles == 0
        assert set(list_labels(gate)) <= {settings.transport_label}
        return [write_package(folder, package) for package in packages]


def take(settings: HsmSettings, packages: list[Path]) -> list[str]:
    """Receive every package; what was said to each."""
    with open_gate(settings) as gate:

        def receive_one(path: Path) -> None:
            receive(gate, settings.transport_label, read_package(path))

        return [said(partial(receive_one, path)) for path in packages]


def make_csr(key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pejabat Contoh")])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())


def seal(settings: HsmSettings) -> SealedKey:
    with open_gate(settings) as gate:
        vault = HsmVault(gate, settings.keys, os.urandom)
        return vault.generate(key_id="key-1", signatory_id="s-1", passphrase=PASSPHRASE, make_csr=make_csr)[0]


def sign_with(settings: HsmSettings, sealed: SealedKey) -> str:
    """Open an old blob on this token and sign with it; the signature verifies with the row's public key."""

    def act() -> None:
        with open_gate(settings) as gate:
            key = HsmVault(gate, settings.keys, os.urandom).open(sealed, PASSPHRASE)
            public = load_der_public_key(sealed.public_key)
            assert isinstance(public, ec.EllipticCurvePublicKey)
            public.verify(key.sign(LETTER, ECDSA), LETTER, ECDSA)

    return said(act)


def inspect(settings: HsmSettings, packages: list[Path]) -> dict[str, Any]:
    """Everything that step 5 asks of one token."""
    keys = settings.keys

    def look(_: Any) -> dict[str, Any]:
        kek = gate.handle(ObjectClass.SECRET_KEY, keys.kek)
        pepper = gate.handle(ObjectClass.SECRET_KEY, keys.pepper)
        hmac = bytes(pepper.sign(CHALLENGE, mechanism=PEPPER))
        return {"hmac": hmac, "kek": attributes(kek), "pepper": attributes(pepper)}

    with open_gate(settings) as gate:
        expected = {keys.kek, keys.pepper, settings.transport_label}
        return {
            **gate.run(look),
            "switch": said(lambda: gate.run(lambda _: switch_on(gate, keys.kek, Attribute.DECRYPT))),
            "copy": said(lambda: gate.run(lambda _: gate.handle(ObjectClass.SECRET_KEY, keys.kek).copy({}))),
            "wrap": [said(partial(wrap_out, gate, label)) for label in (keys.kek, keys.pepper)],
            "born": [holds_what_was_born(gate, read_package(path)) for path in packages],
            "objects": dataclasses.astuple(remove_leftovers(gate, expected)),
        }


def switch_on(gate: Gate, label: str, name: Attribute) -> None:
    gate.handle(ObjectClass.SECRET_KEY, label)[name] = True


def wrap_out(gate: Gate, label: str) -> None:
    def step(session: Any) -> None:
        ours = session.generate_key(KeyType.AES, 256, capabilities=MechanismFlag.WRAP)
        try:
            ours.wrap_key(gate.handle(ObjectClass.SECRET_KEY, label), mechanism=gate.vendor.wrap)
        finally:
            ours.destroy()

    gate.run(step)


NAMED = (
    Attribute.PRIVATE,
    Attribute.SENSITIVE,
    Attribute.EXTRACTABLE,
    Attribute.COPYABLE,
    Attribute.MODIFIABLE,
    Attribute.ENCRYPT,
    Attribute.DECRYPT,
    Attribute.WRAP,
    Attribute.UNWRAP,
    Attribute.SIGN,
    Attribute.VERIFY,
    Attribute.DERIVE,
    Attribute.NEVER_EXTRACTABLE,
)


def attributes(key: Any) -> dict[str, Any]:
    """Each attribute of the hardening by name."""
    return {each.name: key[each] for each in NAMED} | {
        "ALLOWED_MECHANISMS": [int(each) for each in key[Attribute.ALLOWED_MECHANISMS]]
    }


def take_changed(settings: HsmSettings, path: Path) -> tuple[list[str], tuple[str, ...]]:
    """Packages that were tampered with in every part; then the labels on the token."""
    package = read_package(path)
    changes: list[dict[str, Any]] = [
        {"wrapped": package.wrapped[:-1] + bytes([package.wrapped[-1] ^ 1])},
        {"proof": package.proof[:-1] + bytes([package.proof[-1] ^ 1])},
        {"transport_key": "00" * 32},
        {"label": ""},
    ]
    with open_gate(settings) as gate:
        heard = [
            said(lambda change=change: receive(gate, settings.transport_label, dataclasses.replace(package, **change)))
            for change in changes
        ]
        return heard, list_labels(gate)


def rotate(settings: HsmSettings, sealed: SealedKey) -> dict[str, Any]:
    """A new KEK and pepper beside the old: the key moves at its next use, the old ones go, the key still signs."""
    newer = dataclasses.replace(settings.keys, kek="kek-official-2", pepper="pepper-2")
    with open_gate(settings) as gate:
        make_kek(gate, newer.kek)
        make_pepper(gate, newer.pepper)
        vault = HsmVault(gate, newer, os.urandom)
        outdated = vault.is_outdated(sealed)
        moved = vault.reseal(sealed, PASSPHRASE, PASSPHRASE)
        for label in (settings.keys.kek, settings.keys.pepper):
            destroy_secret(gate, label)
        key = vault.open(moved, PASSPHRASE)
        key.public_key().verify(key.sign(LETTER, ECDSA), LETTER, ECDSA)
        return {
            "moved": moved,
            "outdated": [outdated, vault.is_outdated(moved)],
            "old": said(lambda: vault.open(sealed, PASSPHRASE)),
            "live": gate.counters.live_handles,
            "labels": list_labels(gate),
        }


def canary_row(settings: HsmSettings) -> SealedKey:
    with open_gate(settings) as gate:
        make_kek(gate, settings.keys.kek)
        make_pepper(gate, settings.keys.pepper)
        return HsmVault(gate, settings.keys, os.urandom).new_canary()


def sing(settings: HsmSettings, row: SealedKey, exchange: str | None = None) -> str:
    """The stored canary in a later run, after somebody may have exchanged a key under its label."""
    with open_gate(settings) as gate:
        if exchange is not None:
            destroy_secret(gate, exchange)
            (make_kek if exchange == settings.keys.kek else make_pepper)(gate, exchange)
        vault = HsmVault(gate, settings.keys, os.urandom)
        return said(lambda: vault.sing(row))
