"""The same service on PostgreSQL: a first start, its demonstration letter, another letter, its page."""

import json
from collections.abc import Iterator

import pytest

from store.schema import head
from tests.support.letters import letter
from tests.support.postgres import running
from tests.support.service import UNCHECKED_CLOCK, RunningService, running_service, teken, write_settings
from tests.support.verdicts import PASSED, said_of

pytestmark = [
    pytest.mark.hsm,
    pytest.mark.postgres,
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    directory = tmp_path_factory.mktemp("postgres") / "data"
    with running() as server:
        write_settings(directory, store={"database_url": server.url(server.create())})
        with running_service(directory) as service:
            yield service


def test_the_demonstration_letter_is_there_and_passes(on_postgres: RunningService) -> None:
    made = (on_postgres.directory / "demonstration" / "surat-contoh.pdf").read_bytes()
    said = said_of(on_postgres, made)
    assert (said.indication, said.report["register"]["relation"]) == (PASSED, "same-bytes")
    assert not list(on_postgres.directory.glob("*.sqlite3*"))


def test_a_letter_is_signed_verified_and_shown(on_postgres: RunningService) -> None:
    answer = on_postgres.sign(letter())
    assert answer.status_code == 201, answer.text
    assert said_of(on_postgres, answer.content).indication == PASSED
    page = on_postgres.http.get(f"/v/{answer.headers['teken-verification-code']}")
    assert (page.status_code, "Dokumen uji coba" in page.text) == (200, True)


def test_the_doctor_and_the_command_line_use_the_same_database(on_postgres: RunningService) -> None:
    looked = teken(on_postgres.directory, "doctor", "--json")
    unwell = [each for each in json.loads(looked.stdout) if each["health"] != "well"]
    assert (looked.returncode, unwell) == (0, [UNCHECKED_CLOCK])
    assert teken(on_postgres.directory, "db", "upgrade").stdout.strip().endswith(f"-> {head()}")
