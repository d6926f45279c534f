"""What the gate does over a process's life: starts, forks, restarts of the HSM, wrong PINs. Each in a fresh process."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from hsm_config.settings import HsmSettings, KeyLabels
from tests.support.fresh import in_fresh_process
from tests.support.softhsm import new_token
from tests.unit.hsm_config import scenarios

pytestmark = pytest.mark.hsm


@pytest.fixture
def settings(tmp_path: Path) -> HsmSettings:
    return new_token(tmp_path)


def test_eight_threads_unwrap_sign_and_destroy_without_an_error(settings: HsmSettings) -> None:
    heard, live, left = in_fresh_process(scenarios.unwrap_in_threads, settings, threads=8, times=200)
    assert heard == ["ok"] * 1600
    assert live == 0
    assert left == 2  # the KEK and the pepper


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_eight_threads_do_so_a_thousand_times_in_each_of_ten_processes(tmp_path: Path) -> None:
    for number in range(10):
        token = new_token(tmp_path / str(number))
        heard, live, left = in_fresh_process(scenarios.unwrap_in_threads, token, threads=8, times=1000)
        assert heard == ["ok"] * 8000
        assert (live, left) == (0, 2)


def test_a_token_folder_that_vanishes_is_an_error_and_its_return_needs_no_restart(
    settings: HsmSettings, tmp_path: Path
) -> None:
    seen = in_fresh_process(scenarios.lose_the_token_folder, settings, tmp_path / "tokens")
    away = {heard.split(":")[0] for occasion, heard in seen.items() if occasion.endswith("away")}
    assert away == {"HsmUnavailable"}
    assert [seen["canary, folder back"], seen["token key, folder back"], seen["live handles"]] == ["ok", "ok", "0"]


def test_a_wrong_pin_is_tried_once(settings: HsmSettings) -> None:
    settings.pin_file.write_text("invented-wrong-pin")
    heard, waits = in_fresh_process(scenarios.open_and_note_waits, settings)
    assert heard.startswith("PinRejected")
    assert "pin_file" in heard
    assert "invented-wrong-pin" not in heard
    assert waits == []


def test_a_pin_that_became_wrong_is_tried_once_and_never_again(settings: HsmSettings) -> None:
    heard, logins = in_fresh_process(scenarios.reject_the_pin_later, settings)
    assert {text.split(":")[0] for text in heard} == {"PinRejected"}
    assert logins == 1
    assert not any("invented-wrong-pin" in text for text in heard)


def test_a_token_that_does_not_open_is_tried_five_times_with_growing_waits(settings: HsmSettings) -> None:
    heard, waits = in_fresh_process(scenarios.open_and_note_waits, replace(settings, token_label="absent"))
    assert heard.startswith("HsmMisconfigured: no token labelled 'absent'")
    assert waits == [0.05, 0.1, 0.2, 0.4]


def test_two_processes_that_start_in_the_same_instant_both_sign(settings: HsmSettings) -> None:
    in_fresh_process(scenarios.make_ocsp_key, settings)
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        for wait in (1.0, *[0.05] * 19):  # the first one covers the start of the interpreters
            moment = time.time() + wait
            both = [pool.submit(scenarios.start_at, settings, moment) for _ in range(2)]
            assert [start.result(timeout=60) for start in both] == ["ok", "ok"]


def test_one_login_per_process_and_none_through_a_closed_gate(settings: HsmSettings) -> None:
    beside, closed, after = in_fresh_process(scenarios.open_twice_then_again, settings)
    assert beside.startswith("HsmMisconfigured: this process has a gate already")
    assert closed == "HsmUnavailable: the gate is closed"
    assert after == "ok"


def test_a_forked_child_may_use_neither_the_gate_nor_open_one_and_its_parent_goes_on(settings: HsmSettings) -> None:
    inherited, own, parent = in_fresh_process(scenarios.use_in_forked_child, settings)
    assert inherited.startswith("HsmMisconfigured: this gate was opened before the process was forked")
    assert own.startswith("HsmMisconfigured: the PKCS#11 module was loaded before this process was forked")
    assert parent == "ok"


@pytest.mark.parametrize("kek", [True, False], ids=["kek", "pepper"])
def test_the_canary_notices_another_key_under_the_same_label(settings: HsmSettings, kek: bool) -> None:
    assert in_fresh_process(scenarios.replace_under_the_vault, settings, kek=kek).startswith("WrappedKeyRefused")


def test_reconciliation_removes_what_a_killed_process_left_and_reports_the_rest(settings: HsmSettings) -> None:
    first, second, labels = in_fresh_process(scenarios.half_made_objects, settings)
    keys = KeyLabels()
    assert first.removed == (
        "PUBLIC_KEY labelled 'hollow' without key material",
        "SECRET_KEY without label",
        "PUBLIC_KEY labelled 'public-alone' without its other half",
        "PRIVATE_KEY labelled 'private-alone' without its other half",
    )
    assert first.broken == (keys.pepper,)
    assert first.missing == (keys.ocsp, keys.pepper, keys.tsu)
    assert first.unexpected == ("stranger",)
    assert second.removed == ()
    assert labels == (keys.issuing_ca, keys.kek, keys.ocsp, keys.pepper, "stranger")


@pytest.mark.parametrize(
    ("without", "fix"),
    [
        (lambda settings, absent: replace(settings, module=absent), "install it"),
        (lambda settings, absent: replace(settings, softhsm_conf=absent), "initialise the token"),
        (lambda settings, absent: replace(settings, pin_file=absent), "create it"),
    ],
    ids=["module", "softhsm_conf", "pin_file"],
)
def test_a_missing_file_is_refused_at_once_with_its_fix(
    settings: HsmSettings, tmp_path: Path, without: Callable[[HsmSettings, Path], HsmSettings], fix: str
) -> None:
    heard, waits = in_fresh_process(scenarios.open_and_note_waits, without(settings, tmp_path / "absent"))
    assert heard.startswith("HsmMisconfigured")
    assert "absent" in heard
    assert fix in heard
    assert waits == []


def test_without_a_login_reconciliation_removes_nothing(settings: HsmSettings) -> None:
    refusal, key = in_fresh_process(scenarios.reconcile_without_login, settings)
    assert refusal.startswith("HsmUnavailable")
    assert "UserNotLoggedIn" in refusal
    assert key == "ok"


def test_a_key_that_an_empty_token_does_not_have_is_missing_and_not_unavailable(settings: HsmSettings) -> None:
    assert in_fresh_process(scenarios.open_key, settings).startswith("HsmMisconfigured: no PRIVATE_KEY labelled")


def test_what_a_process_killed_while_storing_keys_leaves_is_cleaned_up(settings: HsmSettings, tmp_path: Path) -> None:
    whole = 0
    for _ in range(4):
        writer = get_context("spawn").Process(target=scenarios.store_keys_for_ever, args=(settings, tmp_path / "begun"))
        writer.start()
        while not (tmp_path / "begun").exists():
            time.sleep(0.005)
        time.sleep(0.05)
        writer.kill()
        writer.join()
        (tmp_path / "begun").unlink()
        found = in_fresh_process(scenarios.reconcile, settings)
        assert len(found.unexpected) > whole
        whole = len(found.unexpected)
    assert in_fresh_process(scenarios.reconcile, settings).removed == ()


def test_a_pin_file_that_others_can_read_is_refused(settings: HsmSettings) -> None:
    settings.pin_file.chmod(0o644)
    heard = in_fresh_process(scenarios.open_and_close, settings)
    assert heard.startswith("HsmMisconfigured")
    assert heard.endswith(f"(mode 0644): chmod 600 {settings.pin_file}")
