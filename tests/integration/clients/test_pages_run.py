"""Every example of the pages about clients is run as it stands there, against a service that answers."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import teken
from teken.types import Indication

from tests.support.letters import letter
from tests.support.pages_that_run import examples
from tests.support.person import Person
from tests.support.service import RunningService, running_service, write_settings

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(180)]

ORIGIN = "http://localhost:8000"


@pytest.fixture(scope="module")
def page_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service whose pages have one origin for passkeys, whatever its port."""
    folder: Path = tmp_path_factory.mktemp("pages") / "data"
    write_settings(folder, server={"public_url": ORIGIN}, events={"networks": ["127.0.0.0/8"]})
    with running_service(folder) as running:
        yield running


@pytest.fixture(scope="module")
def signatory(page_service: RunningService) -> Iterator[Person]:
    said = page_service.sign_request
    person = Person(page_service, said["credential"], said["passphrase"])
    yield person
    person.http.close()


@pytest.fixture
def at_home(page_service: RunningService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a letter, and an environment as the pages want it."""
    said, (client_id, secret) = page_service.sign_request, page_service.client
    known = {"URL": page_service.url, "CLIENT": client_id, "SECRET": secret}
    for name, value in (known | {"CREDENTIAL": said["credential"], "PASSPHRASE": said["passphrase"]}).items():
        monkeypatch.setenv(f"TEKEN_{name}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.pdf").write_bytes(letter())
    return tmp_path


def test_the_page_of_the_package_runs(at_home: Path) -> None:
    for example in examples("clients/sdk/README.md", "python"):
        exec(example, {})  # noqa: S102 - our own page

    assert (at_home / "signed.pdf").read_bytes().startswith(letter())


def test_the_page_on_the_client_package_runs(
    at_home: Path, page_service: RunningService, signatory: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    approved: list[threading.Thread] = []

    def hand_to_the_signatory(page: str) -> None:
        path = "/desk/a/" + page.rpartition("/")[2]
        approved.append(threading.Thread(target=lambda: signatory.approve(signatory.see(path))))
        approved[0].start()

    names: dict[str, Any] = {"hand_to_the_signatory": hand_to_the_signatory}
    for example in examples("docs/sdk.md", "python"):
        exec(example, names)  # noqa: S102 - our own page
    approved[0].join()

    client: teken.Teken = names["client"]
    with client:
        signed = sorted(at_home.glob("*.pdf"))
        assert len(signed) == 7  # the letter, one with consent, one with passphrase, a newer one, three of a batch
        for pdf in signed:
            expected = Indication.NO_SIGNATURE if pdf.name == "letter.pdf" else Indication.TOTAL_PASSED
            assert client.verifications.upload(pdf).indication is expected, pdf.name
    said = capsys.readouterr().out
    assert "['finished', 'finished', 'finished']" in said
    assert "document-refused document not-a-pdf" in said
    assert "withdrawn" in said or "replaced" in said
    assert page_service.client[1] not in said


def test_a_signatory_who_says_no_is_told_as_that(
    at_home: Path, page_service: RunningService, signatory: Person
) -> None:
    with teken.Teken(page_service.url, teken.ClientSecret(*page_service.client)) as client:
        wanted = teken.Wanted(document=letter(), name="Undangan rapat")
        asked = client.activations.request(page_service.sign_request["credential"], [wanted])
        assert asked.page is not None
        assert asked.page not in repr(asked)
        path = "/desk/a/" + asked.page.rpartition("/")[2]
        seen: list[str] = []
        shown = signatory.see(path)
        signatory.send(f"{path}/refuse", csrf=Person.field(shown, "csrf"), reason="Tanggalnya keliru.")

        with pytest.raises(teken.NotConsented) as refused:
            client.activations.wait(asked.id, every=0.1, progress=lambda now: seen.append(now.state))
        assert (refused.value.state, refused.value.reason) == ("denied", "Tanggalnya keliru.")
        assert seen == ["denied"]


def test_who_waits_too_long_is_told(at_home: Path, page_service: RunningService) -> None:
    with teken.Teken(page_service.url, teken.ClientSecret(*page_service.client)) as client:
        wanted = teken.Wanted(document=letter(), name="Undangan rapat")
        asked = client.activations.request(page_service.sign_request["credential"], [wanted])
        with pytest.raises(teken.TookTooLong):
            client.activations.wait(asked.id, seconds=0.5, every=0.2)
