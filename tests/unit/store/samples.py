"""Good values to begin with; each test changes the one thing that it is about. All persons are invented."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from signer.model import (
    Activation,
    Credential,
    CredentialState,
    LetterMetadata,
    SealedKey,
    Secrecy,
    Signatory,
    SignatureLevel,
    SignedAs,
    SigningIntent,
    SigningOutcome,
    SigningState,
    VerificationCode,
)
from tests.support.pki import Holder

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def digest(text: str) -> str:
    """SHA-256 of a text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def credential(holder: Holder, **differences: Any) -> Credential:
    """An active credential of an invented official."""
    key = SealedKey(
        key_id="key-1",
        signatory_id="K5QXA2LBONUWC3TB",
        public_key=b"spki",
        sealed=b"s" * 96,
        nonce=b"n" * 12,
        salt=b"t" * 16,
        argon2_memory_kib=65536,
        argon2_passes=3,
        argon2_lanes=1,
        layer_version=1,
        pepper_label="pepper-1",
        kek_label="kek-1",
        wrap_mechanism=0x210A,
    )
    good = Credential(
        id="credential-1",
        signatory=Signatory(
            id="K5QXA2LBONUWC3TB",
            name="I Wayan Contoh",
            organisation="Pemerintah Provinsi Contoh",
            organisation_identifier="VATID-000000000000000",
            unit="Dinas Contoh",
        ),
        key=key,
        chain=holder.chain,
        state=CredentialState.ACTIVE,
    )
    if "id" in differences:
        good = replace(good, key=replace(key, key_id=f"key of {differences['id']}"))
    return replace(good, **differences)


def activation(**differences: Any) -> Activation:
    """Consent to three documents, for five minutes."""
    good = Activation(
        id="a handle of 256 random bits",
        credential_id="credential-1",
        client_id="eoffice",
        digests=frozenset({digest("one"), digest("two"), digest("three")}),
        factors=("passphrase",),
        granted_at=NOON,
        expires_at=NOON + 5 * MINUTE,
    )
    return replace(good, **differences)


def intent(number: int = 1, **differences: Any) -> SigningIntent:
    """The intent to sign an invented letter; `number` makes another one with other codes."""
    good = SigningIntent(
        code=VerificationCode(token=f"{number:026d}", short=f"{number:010d}"),
        credential_id="credential-1",
        client_id="eoffice",
        signatory_name="I Wayan Contoh",
        certificate_serial=0x01AB << 120,
        input_sha256=digest(f"letter {number}"),
        level=SignatureLevel.B_LT,
        signed_as=SignedAs(office="Kepala Dinas Contoh", rank="Pembina", on_behalf="a.n. Gubernur Contoh"),
        letter=LetterMetadata(
            external_id="S-17",
            kind="surat-undangan",
            number="B.00/1/DINAS",
            subject="Rapat ✓",
            secrecy=Secrecy.TERBATAS,
            preview=False,
        ),
        reserved_at=NOON,
    )
    return replace(good, **differences)


def signed(content: str = "signed letter", **differences: Any) -> SigningOutcome:
    """The outcome of a signing that went well."""
    good = SigningOutcome(
        state=SigningState.SIGNED,
        at=NOON + MINUTE,
        document_sha256=digest(content),
        document_size=20_480,
        page_count=2,
    )
    return replace(good, **differences)


FAILED = SigningOutcome(state=SigningState.FAILED, at=NOON + MINUTE, failure="timestamp-unavailable")


def together(count: int, act: Callable[[int], Any]) -> list[Any]:
    """`act(0)` … `act(count - 1)` on as many threads, started at the same moment; results or exceptions, in order."""
    start, outcomes = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        start.wait()
        try:
            outcomes[number] = act(number)
        except Exception as error:  # the tests look at which ones failed, and how
            outcomes[number] = error  # type: ignore[call-overload] - a list of anything

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
