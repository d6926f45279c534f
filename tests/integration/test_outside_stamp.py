"""Another house's authority (OpenSSL's, over HTTP) stamps a checkpoint of the real service; the first one is dead."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.compose import Service, compose
from api.first_start import initialise, prepare_folder, settings_in
from api.given import utc_now
from tests.support.local_servers import LocalHttp, local_http
from tests.support.pki import Pki, make_pki
from tests.support.service import teken
from tests.support.tsa import OpensslAuthority

pytestmark = [pytest.mark.hsm, pytest.mark.judge, pytest.mark.timeout(120)]

REPLY = {"Content-Type": "application/timestamp-reply"}


@pytest.fixture
def house() -> Pki:
    return make_pki(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10), label="Luar")


@pytest.fixture
def http(house: Pki, tmp_path: Path) -> Iterator[LocalHttp]:
    place = tmp_path / "openssl"
    place.mkdir()
    authority = OpensslAuthority(place, house.tsu)
    with local_http() as server:
        server.answers["/tsa"] = lambda request: (200, REPLY, authority(request))
        server.say("/dead", b"", status=503)
        yield server


@pytest.fixture
def folder(house: Pki, http: LocalHttp, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    initialise(
        prepare_folder(folder, port=8000, fresh=True), say=lambda _: None, now=utc_now, random_bytes=secrets.token_bytes
    )
    anchors = folder / "anchors"
    anchors.mkdir()
    (anchors / "luar.cer").write_bytes(house.root.certificate.public_bytes(Encoding.DER))
    (anchors / "luar.toml").write_text('name = "Luar"\ncertified = false\npurposes = ["timestamp"]\n')
    toml = (folder / "teken.toml").read_text()
    toml = toml.replace('certificates = "pki"\n', 'certificates = "pki"\nanchors = "anchors"\n')
    toml += 'stamped_by = ["dead", "openssl"]\n'
    for name, path in (("openssl", "/tsa"), ("dead", "/dead")):
        toml += f'\n[[tsa.outside]]\nname = "{name}"\nurl = {json.dumps(http.url(path))}\n'
    (folder / "teken.toml").write_text(toml)
    return folder


def run(service: Service, name: str) -> object:
    (job,) = [each for each in service.jobs if each.name == name]
    return job.run()


def test_the_auditor_sees_what_another_house_stamped(folder: Path, house: Pki, http: LocalHttp, tmp_path: Path) -> None:
    settings = settings_in(folder)
    with compose(replace(settings, jobs=replace(settings.jobs, in_process=False))) as service:
        assert run(service, "checkpoint") == 1
        assert run(service, "audit-outside-stamp") is True
        assert run(service, "audit-outside-stamp") is False
        assert [path for _, path, _, _ in http.asked] == ["/dead", "/tsa"]
        assert [each.name for each in service.services.alarms() if "stamp" in each.name] == []
    assert len(list((folder / "checkpoints").glob("*/*.tst"))) == 1

    told = json.loads(teken(folder, "audit", "verify", "--json").stdout)
    assert (told["whole"], told["stamped_by_others"]) == (True, 1)

    export = tmp_path / "trail.jsonl"
    assert teken(folder, "audit", "export", str(export)).returncode == 0
    words = ("audit", "verify", "--json", "--file", str(export), "--pki", str(folder / "pki"))
    told = json.loads(teken(folder, *words, "--anchors", str(folder / "anchors")).stdout)
    assert (told["whole"], told["stamped_by_others"]) == (True, 1)
    stranger = tmp_path / "others"
    stranger.mkdir()
    refused = teken(folder, *words, "--anchors", str(stranger))
    assert (refused.returncode, json.loads(refused.stdout)["first_broken"]["kind"]) == (1, "checkpoint forged")


def test_a_name_that_no_authority_has_is_refused(folder: Path) -> None:
    file = folder / "teken.toml"
    file.write_text(file.read_text().replace('"dead", "openssl"]', '"opensll"]'))
    said = teken(folder, "check-config")
    assert (said.returncode, "no [[tsa.outside]] is called opensll" in said.stdout) == (1, True), said.stdout
