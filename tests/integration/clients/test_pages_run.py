"""Every example of the pages about clients is run as it stands there, against a service that answers.

TypeScript and PHP, which need tools of their own, are in tests/conformance/clients.
"""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import teken
from teken.types import Indication

from tests.integration.test_seals_live import seal_made
from tests.support.examples import Stage, examples, stage
from tests.support.fresh import in_fresh_process
from tests.support.gateway import open_gateway
from tests.support.letters import letter
from tests.support.person import Person
from tests.support.service import teken as teken_command

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("pages") / "data") as made:
        yield made


@pytest.fixture
def client(staged: Stage) -> Iterator[teken.Teken]:
    with teken.Teken(staged.service.url, teken.ClientSecret(*staged.service.client)) as made:
        yield made


@pytest.fixture
def at_home(staged: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a letter, and an environment as the pages want it."""
    for name, value in staged.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.pdf").write_bytes(letter())
    return tmp_path


def test_the_page_of_the_package_runs(at_home: Path) -> None:
    for example in examples("clients/sdk/README.md", "python"):
        exec(example, {})  # noqa: S102 - our own page

    assert (at_home / "signed.pdf").read_bytes().startswith(letter())


def test_the_page_on_the_client_package_runs(
    at_home: Path, staged: Stage, client: teken.Teken, capsys: pytest.CaptureFixture[str]
) -> None:
    approved: list[threading.Thread] = []

    def hand_to_the_signatory(page: str) -> None:
        approved.append(threading.Thread(target=staged.approve, args=(page,)))
        approved[0].start()

    names: dict[str, Any] = {"hand_to_the_signatory": hand_to_the_signatory}
    for example in examples("docs/sdk.md", "python"):
        exec(example, names)  # noqa: S102 - our own page
    approved[0].join()
    names["client"].close()

    signed = sorted(at_home.glob("*.pdf"))
    assert len(signed) == 7  # the letter, one with consent, one with passphrase, a newer one, three of a batch
    for pdf in signed:
        expected = Indication.NO_SIGNATURE if pdf.name == "letter.pdf" else Indication.TOTAL_PASSED
        assert client.verifications.upload(pdf).indication is expected, pdf.name
    said = capsys.readouterr().out
    assert "['finished', 'finished', 'finished']" in said
    assert "document-refused document not-a-pdf" in said
    assert said.count("replaced") == 1
    assert staged.service.client[1] not in said


def test_the_example_with_curl_runs(staged: Stage, client: teken.Teken, tmp_path: Path) -> None:
    script, _ = examples("docs/clients.md", "bash")
    said = staged.run(["bash", "-c", script], tmp_path)

    assert said.splitlines()[-1] == "TOTAL-PASSED"
    assert client.verifications.upload(tmp_path / "signed.pdf").indication is Indication.TOTAL_PASSED


def test_the_example_of_the_gateway_runs(staged: Stage, client: teken.Teken, tmp_path: Path) -> None:
    gateway = open_gateway(staged.service, "e-office-utama")
    who = {"ESIGN_USER": gateway.user_name, "ESIGN_PASSWORD": gateway.password}
    _, script = examples("docs/clients.md", "bash")
    staged.run(["bash", "-c", script], tmp_path, **who, NIK=gateway.nik, PASSPHRASE=gateway.passphrase)

    assert client.verifications.upload(tmp_path / "signed.pdf").indication is Indication.TOTAL_PASSED


def test_the_example_in_python_runs(staged: Stage, client: teken.Teken, tmp_path: Path) -> None:
    source = Path(teken.__file__).parents[1]
    script, *_ = examples("docs/clients.md", "python")
    said = staged.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(source)!r})\n{script}"], tmp_path)

    assert said.splitlines()[-1] == "TOTAL-PASSED"
    assert client.verifications.upload(tmp_path / "signed.pdf").indication is Indication.TOTAL_PASSED


def test_the_example_of_a_seal_with_pyhanko_runs(staged: Stage, client: teken.Teken, tmp_path: Path) -> None:
    folder = staged.service.directory
    credential, _ = in_fresh_process(seal_made, folder, "mesin-segel", "127.0.0.0/8", 1)
    added = teken_command(folder, "client", "add", "Mesin Segel", "--id", "mesin-segel", "--scope", "service", "--json")
    who = {"TEKEN_CLIENT": "mesin-segel", "TEKEN_SECRET": json.loads(added.stdout)["client_secret"]}
    _, script, _ = examples("docs/clients.md", "python")

    staged.run([sys.executable, "-c", script], tmp_path, **who, TEKEN_CREDENTIAL=credential)

    report = client.verifications.upload(tmp_path / "signed.pdf")
    assert report.indication is Indication.TOTAL_PASSED
    assert [(each.is_seal, each.level) for each in report.signatures] == [(True, "PAdES-B-T")]


def test_the_example_of_a_webhook_runs(at_home: Path, client: teken.Teken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEKEN_HOOK", "http://127.0.0.1:8123/hook")
    *_, script = examples("docs/clients.md", "python")
    names: dict[str, Any] = {}
    exec(script, names)  # noqa: S102 - our own page

    (webhook,) = client.webhooks.list()
    assert webhook.types == ["signature.signed", "activation.denied"]
    assert names["keep"].startswith("whsec_")
    client.webhooks.remove(webhook.id)


def test_a_signatory_who_says_no_is_told_as_that(staged: Stage, client: teken.Teken) -> None:
    asked = client.activations.request(
        staged.environment["TEKEN_CREDENTIAL"], [teken.Wanted(document=letter(), name="Undangan rapat")]
    )
    assert asked.page is not None
    assert asked.page not in repr(asked)
    path = "/desk/a/" + asked.page.rpartition("/")[2]
    seen: list[str] = []
    shown = staged.signatory.see(path)
    staged.signatory.send(f"{path}/refuse", csrf=Person.field(shown, "csrf"), reason="Tanggalnya keliru.")

    with pytest.raises(teken.NotConsented) as refused:
        client.activations.wait(asked.id, every=0.1, progress=lambda now: seen.append(now.state))
    assert (refused.value.state, refused.value.reason) == ("denied", "Tanggalnya keliru.")
    assert seen == ["denied"]


def test_who_waits_too_long_is_told(staged: Stage, client: teken.Teken) -> None:
    asked = client.activations.request(
        staged.environment["TEKEN_CREDENTIAL"], [teken.Wanted(document=letter(), name="Undangan rapat")]
    )
    with pytest.raises(teken.TookTooLong):
        client.activations.wait(asked.id, seconds=0.5, every=0.2)
