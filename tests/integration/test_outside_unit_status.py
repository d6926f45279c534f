"""Another house stamps our signatures: its unit's status is fetched by the jobs, and only then B-LT and B-LTA work."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.compose import Service, compose
from api.first_start import initialise, prepare_folder, settings_in
from api.given import utc_now
from api.settings import OutsideTsaSettings, OwnUnitPlace, Settings
from signer.errors import StatusUnavailable
from signer.model import Secret, SignatureLevel
from tests.integration.test_foreign_status import WHO, run, signed
from tests.support.local_servers import LocalHttp, local_http
from tests.support.pki import Pki, make_pki
from tests.support.signing import PASSPHRASE
from tests.support.tsa import OtherAuthority
from verifier.model import Indication, SignatureKind

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]

NAME = "Contoh Root CA Luar"
REPLY = {"Content-Type": "application/timestamp-reply"}


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(kw_only=True)
class World:
    """Our service, and another house with a time-stamping authority and its CA's lists."""

    folder: Path
    house: Pki
    http: LocalHttp

    @property
    def settings(self) -> Settings:
        """The other house alone stamps; jobs run when the test says so."""
        settings = settings_in(self.folder)
        outside = (OutsideTsaSettings(name="luar", url=self.http.url("/tsa"), anchors=(NAME,)),)
        return replace(
            settings,
            jobs=replace(settings.jobs, in_process=False),
            tsa=replace(settings.tsa, own=OwnUnitPlace.UNUSED, outside=outside),
        )

    def stamp(self) -> None:
        """The authority answers."""
        self.http.answers["/tsa"] = lambda body: (200, REPLY, OtherAuthority(self.house, at=now())(body))

    def publish(self, revoked: dict[int, datetime] | None = None) -> None:
        """The status of its unit and of its CA, as of now."""
        self.http.say("/pki/crl/root-g1.crl", self.house.crl(self.house.root, at=now()))
        self.http.say("/pki/crl/ca-1-g1.crl", self.house.crl(at=now(), revoked=revoked))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = prepare_folder(tmp_path / "data", port=8000, fresh=True)
    initialise(settings, say=lambda _: None, now=utc_now, random_bytes=secrets.token_bytes)
    with local_http() as server:
        house = make_pki(now() - timedelta(minutes=10), label="Luar", base_url=server.url(""))
        made = World(folder=tmp_path / "data", house=house, http=server)
        anchors = made.folder / "anchors"
        anchors.mkdir()
        (anchors / "luar.cer").write_bytes(house.root.certificate.public_bytes(Encoding.DER))
        (anchors / "luar.toml").write_text(f'name = "{NAME}"\ncertified = false\npurposes = ["timestamp"]\n')
        file = made.folder / "teken.toml"
        toml = file.read_text().replace('certificates = "pki"\n', 'certificates = "pki"\nanchors = "anchors"\n')
        file.write_text(f"{toml}\n[foreign]\nhosts = {json.dumps([server.host])}\n")
        made.stamp()
        yield made


@contextmanager
def office(world: World) -> Iterator[tuple[Service, str]]:
    with compose(world.settings) as service:
        run(service, "crl")
        yield service, service.credentials.enrol(WHO, Secret(PASSPHRASE), "ra-1").id


def test_signatures_carry_the_status_of_another_houses_unit_once_the_jobs_have_it(world: World) -> None:
    with office(world) as (service, credential):
        assert b"/DSS" not in signed(service, credential, SignatureLevel.B_T)
        with pytest.raises(StatusUnavailable):  # nobody knows its status yet
            signed(service, credential, SignatureLevel.B_LT)

        assert run(service, "outside-units") == 1
        assert run(service, "foreign-status") == 0  # nothing is published
        with pytest.raises(StatusUnavailable):
            signed(service, credential, SignatureLevel.B_LTA)
        assert [each.name for each in service.services.alarms() if each.name == "foreign-status"]


def test_with_its_status_fetched_long_term_levels_are_made_and_valid(world: World) -> None:
    world.publish()
    with office(world) as (service, credential):
        assert run(service, "outside-units") == 1
        assert run(service, "foreign-status") == 2
        asked = len(world.http.asked)
        for level, stamps in ((SignatureLevel.B_LT, 0), (SignatureLevel.B_LTA, 1)):
            pdf = signed(service, credential, level)
            report = service.services.verification.by_upload(pdf).report
            assert report.indication is Indication.TOTAL_PASSED, [each.detail for each in report.signatures]
            kinds = [each.kind for each in report.signatures]
            assert kinds.count(SignatureKind.DOCUMENT_TIMESTAMP) == stamps
            assert report.signatures[0].level == f"PAdES-{level.value}"
        paths = {path for _, path, _, _ in world.http.asked[asked:]}
        assert paths == {"/tsa"}, "status is fetched by the job alone"


def test_a_unit_that_was_revoked_stamps_no_long_term_level(world: World) -> None:
    world.publish({world.house.tsu.certificate.serial_number: now() - timedelta(minutes=1)})
    with office(world) as (service, credential):
        run(service, "outside-units")
        run(service, "foreign-status")
        with pytest.raises(StatusUnavailable):
            signed(service, credential, SignatureLevel.B_LT)
