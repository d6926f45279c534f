"""An organisation's seal with a real token and our CA: permitted, sealed over HTTP, verified, and refused otherwise."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import NameOID

from api.authority import build_authority
from api.batches.build import build_seals
from api.first_start import settings_in
from api.given import utc_now
from api.hsm import open_hsm
from api.stores import open_stores
from tests.support.fresh import in_fresh_process
from tests.support.letters import letter
from tests.support.service import copied, running_service
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

TITLE = "Segel Dinas Contoh"


def seal_made(folder: Path, client: str, network: str, documents: int) -> tuple[str, list[str]]:
    """A seal with a permission; its credential's id, and the names in its certificate."""
    settings = settings_in(folder)
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        seals = build_seals(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
        made = seals.enrol(TITLE, "Pemerintah Contoh", "NTRID-0000000000", actor="kepala")
        seals.activate(made.id, client, [network], documents=documents, life=timedelta(hours=1))
        return made.id, [attribute.rfc4514_attribute_name for attribute in made.certificate.subject]


def test_a_seal_seals_a_batch_that_anybody_can_verify(born: Path, tmp_path: Path) -> None:
    folder = copied(born, tmp_path / "data")
    credential, names = in_fresh_process(seal_made, folder, "demonstration", "127.0.0.0/8", 30)
    assert not {"serialNumber", "GN", "SN", NameOID.GIVEN_NAME.dotted_string} & set(names)
    with running_service(folder, command="serve") as service:
        bearer = service.bearer()
        opened = service.http.post("/v1/batches", json={"credential": credential, "stamp": {}}, headers=bearer)
        assert opened.status_code == 201, opened.text
        batch = f"/v1/batches/{opened.json()['id']}"
        for number in range(25):
            document = letter() + f"\n% {number}\n".encode()
            sent = service.http.post(
                f"{batch}/documents", content=document, headers={**bearer, "Content-Type": "application/pdf"}
            )
            assert sent.status_code == 201, sent.text
        service.http.post(f"{batch}/close", headers=bearer).raise_for_status()
        counts = follow(
            lambda: service.http.get(batch, headers=bearer).json()["counts"],
            lambda counts: counts["finished"] + counts["failed"] == 25,
        )
        assert counts["failed"] == 0, service.http.get(f"{batch}/documents", headers=bearer).text
        pdf = service.http.get(f"{batch}/documents/7/signed", headers=bearer).raise_for_status().content
        report = service.verify(pdf).json()
        assert report["indication"] == "TOTAL-PASSED"
        assert TITLE in str(report["signatures"][0])


def test_from_another_network_a_seal_is_refused(born: Path, tmp_path: Path) -> None:
    folder = copied(born, tmp_path / "data")
    credential, _ = in_fresh_process(seal_made, folder, "demonstration", "192.0.2.0/24", 30)
    with running_service(folder, command="serve") as service:
        refused = service.http.post("/v1/batches", json={"credential": credential}, headers=service.bearer())
        assert (refused.status_code, refused.json()["reason"]) == (403, "seal-network")
        alone = service.sign(letter(), credential=credential)
        assert (alone.status_code, alone.json()["reason"]) == (409, "seal")
