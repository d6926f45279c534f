"""The gateway of a running service, as the applications that know its contract call it."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from api.office.identity_key import read_identity_key
from signer.model import Secret
from tests.support.service import RunningService, teken

NIK = "0171010101010001"
"""Invented; it begins with the zero that some clients lose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One application with its API credential, and one signer who is known by NIK."""

    service: RunningService
    user_name: str
    password: str
    nik: str
    passphrase: str

    @property
    def auth(self) -> tuple[str, str]:
        """For `httpx`."""
        return self.user_name, self.password

    def post(self, path: str = "/api/sign/pdf", **told: Any) -> httpx.Response:
        """One call with Basic."""
        return self.service.http.post(path, auth=self.auth, **told)

    def get(self, path: str, **told: Any) -> httpx.Response:
        """One call with Basic."""
        return self.service.http.get(path, auth=self.auth, **told)

    def sign(self, pdf: bytes, picture: bytes | None = None, **fields: str) -> httpx.Response:
        """`POST /api/sign/pdf` as a form; invisible unless `fields` say otherwise."""
        files: dict[str, Any] = {"file": ("surat-contoh.pdf", pdf, "application/pdf")}
        if picture is not None:
            files["imageTTD"] = ("ttd.png", picture, "image/png")
        return self.post(files=files, data=self.fields(**fields))

    def fields(self, **fields: str) -> dict[str, str]:
        """The least that a call says, and `fields`."""
        return {"nik": self.nik, "passphrase": self.passphrase, "tampilan": "invisible"} | fields


def open_gateway(service: RunningService, user_name: str = "kantor-contoh", *options: str) -> Gateway:
    """An API credential of the demonstration's application, made at the command line."""
    made = teken(service.directory, "esign", "add", user_name, "--client", service.client[0], *options, "--json")
    assert made.returncode == 0, made.stderr
    signer = service.sign_request
    know_by_nik(service.directory, signer["credential"], NIK)
    return Gateway(
        service=service,
        user_name=user_name,
        password=json.loads(made.stdout)["password"],
        nik=NIK,
        passphrase=signer["passphrase"],
    )


def demonstration_of(service: RunningService) -> Gateway:
    """What a first start leaves for newcomers: options of curl, of which `form-string` stands several times."""
    text = (service.directory / "demonstration" / "gateway").read_text(encoding="utf-8")
    lines = [line.partition(" = ")[::2] for line in text.splitlines()]
    user_name, _, password = json.loads(dict(lines)["user"]).partition(":")
    told = dict(json.loads(value).split("=", 1) for name, value in lines if name == "form-string")
    return Gateway(service=service, user_name=user_name, password=password, **told)


def know_by_nik(folder: Path, credential: str, nik: str) -> None:
    """The official of a credential as if registered with this NIK: its keyed hash, where registrars put it."""
    hashed = read_identity_key(folder / "identity.key").nik(Secret(nik))
    with sqlite3.connect(folder / "teken.sqlite3", timeout=20) as database:
        changed = database.execute("UPDATE officials SET nik_hash = ? WHERE credential_id = ?", (hashed, credential))
        assert changed.rowcount == 1
