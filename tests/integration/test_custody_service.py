"""Custody in the running service: a token that goes and comes back, a KEK exchanged between two runs, a new version."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pkcs11 import KeyType, MechanismFlag

from api.compose import compose
from api.first_start import settings_in
from api.hsm import hsm_settings
from api.stores import open_stores
from hsm_config.errors import WrappedKeyRefused
from hsm_config.gate import open_gate
from hsm_config.token_objects import destroy_secret
from tests.support.fresh import in_fresh_process, run_command
from tests.support.letters import letter
from tests.support.service import ROOT, RunningService, copied, environment, running_service
from tests.support.token_secrets import make_kek

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]


def teken(*arguments: str | Path) -> tuple[int, str]:
    done = run_command([*map(str, arguments)], folder=ROOT, environment=environment(), stdin=None, seconds=120)
    return done.returncode, done.stdout + done.stderr


def checks(service: RunningService) -> dict[str, str]:
    answer = httpx.get(f"{service.url}/readyz", timeout=30)
    told: dict[str, str] = answer.json()["checks"]
    assert (answer.status_code == 200) == (set(told.values()) == {"ok"})
    return told


@pytest.fixture(scope="module")
def folder(born: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration with an official; its service has ended."""
    return copied(born, tmp_path_factory.mktemp("custody") / "data")


def test_a_token_that_goes_under_load_comes_back_without_a_restart(folder: Path) -> None:
    heard: list[int] = []
    stop = threading.Event()
    with running_service(folder) as service:
        bearer, pdf = service.token(), letter()
        token, away = folder / "hsm" / "tokens", folder / "hsm" / "tokens-away"

        def keep_signing() -> None:
            while not stop.wait(0.05):
                heard.append(sign(service, bearer, pdf))

        worker = threading.Thread(target=keep_signing)
        worker.start()
        try:
            _until(lambda: 201 in heard)
            token.rename(away)
            away_from_here = {"canary": "failed", "hsm": "failed", "database": "ok"}
            _until(lambda: away_from_here.items() <= checks(service).items())
            _until(lambda: heard[-1] != 201)
            refused = heard[-1]
            away.rename(token)
            _until(lambda: set(checks(service).values()) == {"ok"})
            _until(lambda: heard[-1] == 201)
        finally:
            stop.set()
            worker.join()
    assert refused == 503
    assert set(heard) == {201, 503}


def sign(service: RunningService, bearer: str, pdf: bytes) -> int:
    """The status of one signing; the access token is asked for once, because tokens are limited."""
    answer = httpx.post(
        f"{service.url}/v1/signatures",
        headers={"Authorization": f"Bearer {bearer}", "Accept": "application/pdf"},
        files={
            "document": ("document.pdf", pdf, "application/pdf"),
            "request": (None, json.dumps(service.sign_request), "application/json"),
        },
        timeout=60,
    )
    return answer.status_code


def _until(true: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def exchange_kek(folder: Path) -> str:
    """Somebody destroys the KEK and makes another one under its label."""
    own = hsm_settings(settings_in(folder))
    with open_gate(own) as gate:
        destroy_secret(gate, own.keys.kek)
        make_kek(gate, own.keys.kek)
    return own.keys.kek


def test_a_new_version_takes_over_at_the_next_signing_and_the_old_one_goes(folder: Path) -> None:
    code, heard = teken("custody", "make", "--data", folder, "--custodian", "K", "--kek", "kek-official-2", "--alone")
    assert code == 0, heard
    code, heard = teken("custody", "retire", "--data", folder, "--custodian", "K", "kek-official-1", "--yes")
    assert "is in use" in heard
    settings = folder / "teken.toml"
    settings.write_text(settings.read_text().replace("\n[store]", '\nkek = "kek-official-2"\n\n[store]', 1))
    code, heard = teken("custody", "retire", "--data", folder, "--custodian", "K", "kek-official-1", "--yes")
    assert code == 3
    assert "1 credential(s) still name kek-official-1" in heard
    with running_service(folder) as service:
        assert service.sign(letter()).status_code == 201
        assert in_fresh_process(named, folder) == {"kek-official-2": 1, "pepper-1": 1}
        code, heard = teken("custody", "retire", "--data", folder, "--custodian", "K", "kek-official-1", "--yes")
        assert code == 0, heard
        assert service.sign(letter()).status_code == 201
        assert checks(service)["canary"] == "ok"
    code, heard = teken("custody", "status", "--data", folder, "--json")
    told = json.loads(heard)
    assert told["odd"] == []
    assert [(each["label"], each["credentials"]) for each in told["versions"]] == [
        ("kek-official-2", 1),
        ("pepper-1", 1),
    ]


def named(folder: Path) -> dict[str, int]:
    with open_stores(settings_in(folder)) as stores:
        return dict(stores.custody.named_by())


def canary_says(folder: Path) -> str:
    """What readiness is told in a service that starts now."""
    with compose(settings_in(folder)) as service:
        (canary,) = (check for check in service.services.checks if check.name == "canary")
        try:
            canary.ask()
        except WrappedKeyRefused:
            return "refused"
    return "ok"


def litter(folder: Path) -> None:
    """What a writer leaves that was killed in the middle."""
    with open_gate(hsm_settings(settings_in(folder))) as gate:
        gate.run(lambda session: session.generate_key(KeyType.AES, 256, store=True, capabilities=MechanismFlag.WRAP))


def tidied(folder: Path) -> tuple[str, ...]:
    """The last words of the trail on the token, after a start."""
    with compose(settings_in(folder)) as service:
        entries = service.stores.audit.read(object="token:teken", limit=1000)
    return tuple(entry.details for entry in entries)


def test_what_a_killed_writer_left_is_removed_at_the_next_start_and_stands_in_the_trail(folder: Path) -> None:
    in_fresh_process(litter, folder)
    (entry,) = in_fresh_process(tidied, folder)
    assert "SECRET_KEY without label" in entry
    assert len(in_fresh_process(tidied, folder)) == 1


def test_a_wrong_pin_stops_the_service_with_the_reason(folder: Path) -> None:
    pin = folder / "hsm" / "user.pin"
    right = pin.read_text()
    pin.write_text("invented-wrong-pin")
    try:
        code, heard = teken("serve", "--data", folder)
    finally:
        pin.write_text(right)
    assert code == 3
    assert "the token refused the PIN" in heard
    assert "invented-wrong-pin" not in heard


def test_a_kek_exchanged_between_two_runs_is_noticed(folder: Path) -> None:
    assert in_fresh_process(canary_says, folder) == "ok"
    in_fresh_process(exchange_kek, folder)
    assert in_fresh_process(canary_says, folder) == "refused"
    code, heard = teken("doctor", "--data", folder)
    assert code == 1
    assert "✗ canary" in heard
