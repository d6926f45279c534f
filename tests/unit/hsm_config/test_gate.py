from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11 import exceptions as p11

from hsm_config import gate as gate_module
from hsm_config.errors import HsmMisconfigured, HsmUnavailable
from hsm_config.gate import MAX_LIVE_HANDLES, Gate
from hsm_config.private_keys import token_key
from hsm_config.settings import HsmSettings

pytestmark = pytest.mark.hsm
ECDSA = ec.ECDSA(hashes.SHA256())


def lose_session(gate: Gate) -> None:
    gate.run(lambda session: session.close())


def session_key(session: Any) -> Any:
    return session.generate_key(KeyType.AES, 256, capabilities=MechanismFlag.WRAP)


def session_objects(gate: Gate) -> int:
    return gate.run(lambda session: len(list(session.get_objects({Attribute.TOKEN: False}))))


def test_a_lost_session_is_opened_again_and_the_step_repeated(
    softhsm_gate: Gate, softhsm_settings: HsmSettings
) -> None:
    key, before = token_key(softhsm_gate, softhsm_settings.keys.ocsp), softhsm_gate.counters.reconnects
    lose_session(softhsm_gate)
    key.public_key().verify(key.sign(b"letter", ECDSA), b"letter", ECDSA)
    assert softhsm_gate.counters.reconnects == before + 1


def test_a_step_that_must_not_be_repeated_fails_once_and_the_next_one_logs_in_again(
    softhsm_gate: Gate, softhsm_settings: HsmSettings
) -> None:
    key = token_key(softhsm_gate, softhsm_settings.keys.issuing_ca, retry=False)
    before = softhsm_gate.counters.reconnects
    lose_session(softhsm_gate)
    with pytest.raises(HsmUnavailable):
        key.sign(b"certificate", ECDSA)
    assert softhsm_gate.counters.reconnects == before
    key.public_key().verify(key.sign(b"certificate", ECDSA), b"certificate", ECDSA)
    assert softhsm_gate.counters.reconnects == before + 1


def test_a_step_runs_twice_at_most(softhsm_gate: Gate) -> None:
    runs = []

    def step(_: Any) -> None:
        runs.append(1)
        raise p11.DeviceError

    with pytest.raises(HsmUnavailable, match="DeviceError"):
        softhsm_gate.run(step)
    assert len(runs) == 2


def test_a_refusal_is_not_repeated_and_keeps_the_login(softhsm_gate: Gate) -> None:
    runs = []

    def step(_: Any) -> None:
        runs.append(1)
        raise p11.MechanismInvalid

    softhsm_gate.run(lambda session: session.generate_random(8))
    before = softhsm_gate.counters.reconnects
    with pytest.raises(HsmMisconfigured, match="MechanismInvalid"):
        softhsm_gate.run(step)
    assert (len(runs), softhsm_gate.counters.reconnects) == (1, before)


def test_an_error_inside_a_step_inside_a_step_repeats_the_outer_one(softhsm_gate: Gate) -> None:
    outer, inner = [], []

    def within(_: Any) -> str:
        inner.append(1)
        if len(inner) == 1:
            raise p11.SessionHandleInvalid
        return "done"

    def step(_: Any) -> str:
        outer.append(1)
        return softhsm_gate.run(within)

    assert softhsm_gate.run(step) == "done"
    assert (len(outer), len(inner)) == (2, 2)


def test_what_a_step_raises_of_its_own_passes_through(softhsm_gate: Gate) -> None:
    def step(_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        softhsm_gate.run(step)


def test_a_label_that_is_not_there_is_named_with_its_token(softhsm_gate: Gate) -> None:
    with pytest.raises(HsmMisconfigured, match=r"no PRIVATE_KEY labelled 'ca-9-g9' on token 'teken-test'.*ceremony"):
        softhsm_gate.handle(ObjectClass.PRIVATE_KEY, "ca-9-g9")


def test_a_missing_label_costs_no_new_login(softhsm_gate: Gate) -> None:
    softhsm_gate.run(lambda session: session.generate_random(8))
    before = softhsm_gate.counters.reconnects
    with pytest.raises(HsmMisconfigured):
        softhsm_gate.handle(ObjectClass.PRIVATE_KEY, "ca-9-g9")
    assert softhsm_gate.counters.reconnects == before


def test_two_keys_of_one_label_are_refused(softhsm_gate: Gate) -> None:
    def double(session: Any) -> list[Any]:
        return [session.generate_key(KeyType.AES, 256, label="twin", capabilities=MechanismFlag.WRAP) for _ in "12"]

    with pytest.raises(HsmMisconfigured, match="2 objects are SECRET_KEY labelled 'twin'"):
        softhsm_gate.run(lambda s: (double(s), softhsm_gate.handle(ObjectClass.SECRET_KEY, "twin")))
    softhsm_gate.run(softhsm_gate.sweep)
    assert session_objects(softhsm_gate) == 0


def test_a_handle_is_looked_up_once_per_login(softhsm_gate: Gate, softhsm_settings: HsmSettings) -> None:
    def look_up(_: Any) -> Any:
        return softhsm_gate.handle(ObjectClass.SECRET_KEY, softhsm_settings.keys.kek)

    first = softhsm_gate.run(look_up)
    assert softhsm_gate.run(look_up) is first
    lose_session(softhsm_gate)
    softhsm_gate.run(lambda session: session.generate_random(8))
    assert softhsm_gate.run(look_up) is not first


def test_session_keys_are_counted_and_destroyed_at_the_end_of_their_block(softhsm_gate: Gate) -> None:
    def step(session: Any) -> int:
        with softhsm_gate.short_lived(lambda: (session_key(session), session_key(session))):
            return softhsm_gate.counters.live_handles

    assert softhsm_gate.run(step) == 2
    assert softhsm_gate.counters.live_handles == 0
    assert session_objects(softhsm_gate) == 0


def test_session_keys_are_destroyed_when_their_block_fails(softhsm_gate: Gate) -> None:
    def step(session: Any) -> None:
        with softhsm_gate.short_lived(lambda: (session_key(session),)):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        softhsm_gate.run(step)
    assert softhsm_gate.counters.live_handles == 0
    assert session_objects(softhsm_gate) == 0


def test_the_ninth_live_key_is_refused(softhsm_gate: Gate) -> None:
    def step(session: Any) -> None:
        with ExitStack() as held:
            for _ in range(MAX_LIVE_HANDLES + 1):
                held.enter_context(softhsm_gate.short_lived(lambda: (session_key(session),)))

    with pytest.raises(HsmUnavailable, match="8 unwrapped keys"):
        softhsm_gate.run(step)
    assert softhsm_gate.counters.live_handles == 0


def test_who_waits_too_long_for_a_turn_is_told_so(softhsm_gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "PATIENCE", 0.05)
    inside, leave = Event(), Event()

    def hang(_: Any) -> None:
        inside.set()
        leave.wait(10)

    hung = Thread(target=softhsm_gate.run, args=(hang,))
    hung.start()
    inside.wait(10)
    try:
        with pytest.raises(HsmUnavailable, match="busy"):
            softhsm_gate.run(lambda session: session.generate_random(8))
    finally:
        leave.set()
        hung.join()
    assert softhsm_gate.counters.waiting == 0
