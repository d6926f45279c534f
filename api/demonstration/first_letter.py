"""The main job in front of a newcomer's eyes: enrol an invented official, sign a real letter, verify it.

Everything is kept in `demonstration/` of the data folder; what is found there is not made again.
"""

import base64
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

from api.demonstration.letter import AGENCY, GOVERNMENT, NUMBER, OFFICE, OFFICIAL, SUBJECT, demonstration_letter
from api.given import Now, RandomBytes
from api.permissions import APPLICATION_PERMISSIONS
from api.services import Signing
from signer.api_credentials import ApiCredentials, Terms
from signer.credentials import CredentialService, new_signatory_id
from signer.identity import PersonalNumberHash
from signer.model import LetterMetadata, Secret, Signatory, SignedAs, SignRequest, StampPlacement
from signer.people import NumberHashes
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.officials import SqlOfficialStore
from verifier.model import Indication, ValidationReport

FOLDER: Final = "demonstration"
LETTER: Final = "surat-contoh.pdf"
CLIENT_ID: Final = "demonstration"
STAMP: Final = StampPlacement(page=1, x=309.0, y=356.0, width=210.0, height=72.0)
"""Between office and name of the letter's signature block."""

Say = Callable[[str], None]


class DemonstrationFailed(Exception):
    """The letter was signed and does not verify. Nobody should go on from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What the demonstration needs of the running service."""

    credentials: CredentialService
    signing: Signing
    clients: SqlClientStore
    officials: SqlOfficialStore
    gateway: ApiCredentials
    numbers: Callable[[], PersonalNumberHash]
    validate: Callable[[bytes], ValidationReport]
    root_pem: bytes
    now: Now
    random_bytes: RandomBytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What a first start leaves behind."""

    folder: Path
    token: str
    """Of the letter's page, as in its QR."""
    short: str

    @property
    def letter(self) -> Path:
        """The signed letter."""
        return self.folder / LETTER


def find_demonstration(data: Path) -> Demonstration | None:
    """What an earlier start made; `None` where there is nothing or only a part."""
    summary = data / FOLDER / "letter.json"
    if not summary.exists():
        return None
    read: dict[str, Any] = json.loads(summary.read_text(encoding="utf-8"))
    return Demonstration(folder=data / FOLDER, token=read["token"], short=read["short"])


def make_demonstration(data: Path, maker: Maker, *, say: Say) -> Demonstration:
    """Enrol, sign at B-LT with timestamp and stamp, verify.

    Raises `DemonstrationFailed`, and what the services raise.
    """
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    passphrase = memorable_words(maker.random_bytes)
    say(f"Enrolling {OFFICIAL} (invented): key in the HSM, certificate from our CA")
    client_id = free_id(maker.clients, CLIENT_ID)
    credential = maker.credentials.enrol(_signatory(maker.random_bytes), Secret(passphrase), "demonstration")
    say(f"Signing {LETTER}: PAdES B-LT with timestamp, stamp and QR")
    signed = maker.signing.sign(
        SignRequest(
            document=demonstration_letter(maker.now()),
            credential_id=credential.id,
            passphrase=Secret(passphrase),
            client_id=client_id,
            stamp=STAMP,
            reason="Persetujuan surat",
            location="Kota Contoh",
            signed_as=SignedAs(office=OFFICE, agency=GOVERNMENT),
            letter=LetterMetadata(kind="surat dinas", number=NUMBER, subject=SUBJECT),
        )
    )
    report = maker.validate(signed.pdf)
    if report.indication is not Indication.TOTAL_PASSED:
        raise DemonstrationFailed(f"the signed letter is {report.indication.value}: {report.detail}")
    say(f"Verified: {report.indication.value}, {report.signatures[0].level}")
    code = signed.record.intent.code
    (folder / LETTER).write_bytes(signed.pdf)
    (folder / "root.pem").write_bytes(maker.root_pem)
    write_secret(folder / "client", f"{client_id}:{_new_client(client_id, maker)}\n")
    write_secret(folder / "gateway", _gateway(client_id, credential.signatory.id, passphrase, maker))
    write_secret(folder / "request.json", json.dumps(_request(credential.id, passphrase), indent=2) + "\n")
    _write_summary(folder / "letter.json", {"token": code.token, "short": code.short})
    return Demonstration(folder=folder, token=code.token, short=code.short)


def _signatory(random_bytes: RandomBytes) -> Signatory:
    return Signatory(
        id=new_signatory_id(random_bytes),
        name=OFFICIAL,
        organisation=GOVERNMENT,
        organisation_identifier="NTRID-0000000000",
        unit=AGENCY,
    )


def memorable_words(random_bytes: RandomBytes) -> str:
    """A passphrase of 100 random bits in groups that can be typed."""
    text = base64.b32encode(random_bytes(13)).decode().lower()[:20]
    return "-".join(text[start : start + 5] for start in range(0, 20, 5))


def free_id(clients: SqlClientStore, name: str) -> str:
    """The name of an application; a later one where an interrupted attempt took it and lost the secret."""
    taken = {each.id for each in clients.all()}
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def _new_client(client_id: str, maker: Maker) -> str:
    """The demonstration application; returns its secret, which only its file keeps."""
    secret = base64.urlsafe_b64encode(maker.random_bytes(32)).rstrip(b"=").decode()
    client = Client(
        id=client_id,
        name="Aplikasi contoh",
        scopes=frozenset(APPLICATION_PERMISSIONS),
        state=ClientState.ACTIVE,
        created_at=maker.now(),
    )
    maker.clients.add(client, hashlib.sha256(secret.encode()).hexdigest(), actor="demonstration")
    return secret


def _gateway(client_id: str, signatory_id: str, passphrase: str, maker: Maker) -> str:
    """How an existing e-office would call the gateway, as options of curl (`curl -K`): no secret is on a command line.

    The official gets a NIK that nobody has: no province begins with 99.
    """
    nik = "99" + "".join(str(octet % 10) for octet in maker.random_bytes(14))
    known = NumberHashes(nik=maker.numbers().nik(Secret(nik)))
    maker.officials.know_by(signatory_id, known, actor="demonstration", at=maker.now())
    made = maker.gateway.add(client_id, client_id, Terms(description="Gateway contoh"), actor="demonstration")
    options = {"user": f"{client_id}:{made.password.reveal()}"}
    fields = {"nik": nik, "passphrase": passphrase}
    lines = [f'{name} = "{text}"' for name, text in options.items()]
    return "\n".join([*lines, *(f'form-string = "{name}={text}"' for name, text in fields.items())]) + "\n"


def _request(credential_id: str, passphrase: str) -> dict[str, Any]:
    return {
        "credential": credential_id,
        "passphrase": passphrase,
        "level": "B-LT",
        "stamp": {"page": -1},
        "signedAs": {"office": OFFICE, "agency": GOVERNMENT},
    }


def _write_summary(path: Path, summary: dict[str, str]) -> None:
    """Whole or not at all, and last: it says that everything else is there."""
    draft = path.with_name(f".{path.name}")
    draft.write_text(json.dumps(summary), encoding="utf-8")
    draft.replace(path)


def write_secret(path: Path, text: str) -> None:
    """Readable by the owner only; an earlier attempt's file is replaced."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
