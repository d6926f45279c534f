"""What must happen in a process of its own: each function here is run by `in_fresh_process` and returns what it saw.

Errors come back as `Type: text`, because what is checked is what an operator would read.
"""

import ctypes
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from hsm_config import mechanisms, wrapping
from hsm_config.errors import HsmError
from hsm_config.gate import Gate, open_gate
from hsm_config.private_keys import HsmEcKey, WrappedEcKey, token_key
from hsm_config.settings import HsmSettings, KeyLabels
from hsm_config.token_objects import Reconciliation, list_labels, make_ec_key, remove_leftovers
from hsm_config.vault import HsmVault
from tests.support.token_secrets import make_kek, make_pepper

ECDSA = ec.ECDSA(hashes.SHA256())
LETTER = b"surat"


def said(act: Callable[[], object]) -> str:
    """`ok`, or type and text of the error."""
    try:
        act()
    except HsmError as error:
        return f"{type(error).__name__}: {error}"
    return "ok"


def lose_session(gate: Gate) -> None:
    """Close the guard session under the gate, as a restarted HSM would."""
    gate.run(lambda session: session.close())


def make_vault(gate: Gate, settings: HsmSettings) -> HsmVault:
    make_kek(gate, settings.keys.kek)
    make_pepper(gate, settings.keys.pepper)
    return HsmVault(gate, settings.keys, os.urandom)


def new_wrapped_key(gate: Gate, keys: KeyLabels) -> WrappedEcKey:
    """An official's key without the seal around it."""
    spki, wrapped = gate.run(lambda session: wrapping.make_wrapped_key(gate, session, kek_label=keys.kek))
    public_key = cast("ec.EllipticCurvePublicKey", load_der_public_key(spki))
    return WrappedEcKey(gate, kek_label=keys.kek, wrapped=wrapped, public_key=public_key)


def sign_and_verify(key: HsmEcKey | WrappedEcKey) -> None:
    key.public_key().verify(key.sign(LETTER, ECDSA), LETTER, ECDSA)


def open_and_close(settings: HsmSettings) -> str:
    def act() -> None:
        with open_gate(settings) as gate:
            list_labels(gate)

    return said(act)


def open_and_note_waits(settings: HsmSettings) -> tuple[str, list[float]]:
    """Open with a jitter that is always in the middle; also the waits that the gate asked for."""
    waits: list[float] = []

    def act() -> None:
        with open_gate(settings, sleep=waits.append, jitter=lambda: 0.5):
            pass

    return said(act), waits


def start_at(settings: HsmSettings, moment: float) -> str:
    """Open the gate at `moment` (Unix time) and sign twenty times."""

    def act() -> None:
        time.sleep(max(0.0, moment - time.time()))
        with open_gate(settings) as gate:
            key = token_key(gate, settings.keys.ocsp)
            for _ in range(20):
                sign_and_verify(key)

    return said(act)


def make_ocsp_key(settings: HsmSettings) -> None:
    with open_gate(settings) as gate:
        make_ec_key(gate, settings.keys.ocsp, ec.SECP256R1())


def open_twice_then_again(settings: HsmSettings) -> list[str]:
    """A second gate beside the first, the first when closed, and one after it."""
    with open_gate(settings) as gate:
        beside = open_and_close(settings)
    return [beside, said(lambda: list_labels(gate)), open_and_close(settings)]


def unwrap_in_threads(settings: HsmSettings, *, threads: int, times: int) -> tuple[list[str], int, int]:
    """Each `sign` of every thread as `said`; live handles and objects on the token at the end."""
    heard: list[str] = []

    def work(key: WrappedEcKey) -> None:
        heard.extend(said(partial(sign_and_verify, key)) for _ in range(times))

    with open_gate(settings) as gate:
        make_vault(gate, settings)
        workers = [threading.Thread(target=work, args=(new_wrapped_key(gate, settings.keys),)) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        left = gate.run(lambda session: len(list(session.get_objects())))
        return heard, gate.counters.live_handles, left


def lose_the_token_folder(settings: HsmSettings, tokens: Path) -> dict[str, str]:
    """Take the folder away while the gate is open, and put it back."""
    away = tokens.with_name("tokens-away")
    with open_gate(settings) as gate:
        ocsp = make_ec_key(gate, settings.keys.ocsp, ec.SECP256R1())
        vault = make_vault(gate, settings)
        tokens.rename(away)
        seen = {
            "canary, folder away": said(vault.canary),
            "token key, folder away": said(partial(sign_and_verify, ocsp)),
            "new look-up, folder away": said(lambda: token_key(gate, settings.keys.tsu)),
        }
        away.rename(tokens)
        seen["canary, folder back"] = said(vault.canary)
        seen["token key, folder back"] = said(partial(sign_and_verify, ocsp))
        seen["live handles"] = str(gate.counters.live_handles)
    return seen


def reject_the_pin_later(settings: HsmSettings) -> tuple[list[str], int]:
    """The PIN file changes while the gate is open, then the session is lost; also the number of logins tried."""
    with open_gate(settings) as gate:
        settings.pin_file.write_text("invented-wrong-pin")
        lose_session(gate)
        return [said(lambda: list_labels(gate)) for _ in range(3)], gate.counters.reconnects


def replace_under_the_vault(settings: HsmSettings, *, kek: bool) -> str:
    """KEK or pepper is destroyed and made anew under the same label: what does the canary say?"""
    label = settings.keys.kek if kek else settings.keys.pepper

    def destroy(session: Any) -> None:
        for found in list(session.get_objects({Attribute.LABEL: label})):
            found.destroy()

    with open_gate(settings) as gate:
        vault = make_vault(gate, settings)
        gate.run(destroy)
        (make_kek if kek else make_pepper)(gate, label)
        lose_session(gate)  # a new login finds the new key
        return said(vault.canary)


def half_made_objects(settings: HsmSettings) -> tuple[Reconciliation, Reconciliation, tuple[str, ...]]:
    """A token as kill -9 and failed unwraps leave it, reconciled twice; then its labels."""

    def litter(session: Any) -> None:
        parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        for label, lost in (("public-alone", 1), ("private-alone", 0), (settings.keys.ocsp, 0)):
            curve = session.create_domain_parameters(KeyType.EC, parameters, local=True)
            curve.generate_keypair(store=True, label=label, capabilities=mechanisms.SIGNING_PAIR)[lost].destroy()
        session.generate_key(KeyType.AES, 256, store=True, capabilities=MechanismFlag.WRAP)
        secret = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.TOKEN: True, Attribute.VALUE: b""}
        session.create_object(
            {**secret, Attribute.KEY_TYPE: KeyType.GENERIC_SECRET, Attribute.LABEL: keys.pepper, Attribute.SIGN: True}
        )
        public = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.TOKEN: True, Attribute.KEY_TYPE: KeyType.EC}
        session.create_object({**public, Attribute.LABEL: "hollow", **parameters, Attribute.EC_POINT: b""})

    keys = settings.keys
    with open_gate(settings) as gate:
        make_ec_key(gate, keys.issuing_ca, ec.SECP384R1())
        make_ec_key(gate, "stranger", ec.SECP256R1())
        make_kek(gate, keys.kek)
        gate.run(litter)
        expected = {keys.issuing_ca, keys.kek, keys.pepper, keys.tsu, keys.ocsp}
        return remove_leftovers(gate, expected), remove_leftovers(gate, expected), list_labels(gate)


def forget_user_pin(settings: HsmSettings, so_pin: str) -> None:
    """Initialise the token again and stop before the user PIN is set (C_InitToken, which the binding lacks)."""
    os.environ["SOFTHSM2_CONF"] = str(settings.softhsm_conf)
    library, count = ctypes.CDLL(str(settings.module)), ctypes.c_ulong(8)
    slots = (ctypes.c_ulong * 8)()
    label = settings.token_label.encode().ljust(32)
    assert library.C_Initialize(None) == 0
    assert library.C_GetSlotList(ctypes.c_ubyte(1), slots, ctypes.byref(count)) == 0
    assert library.C_InitToken(ctypes.c_ulong(slots[0]), so_pin.encode(), ctypes.c_ulong(len(so_pin)), label) == 0
    assert library.C_Finalize(None) == 0


def reconcile_without_login(settings: HsmSettings) -> tuple[str, str]:
    """The token logs the user out behind the gate's back; then the key is looked for again."""
    with open_gate(settings) as gate:
        make_ec_key(gate, settings.keys.ocsp, ec.SECP256R1())
        token = gate.run(lambda session: session.token)
        lose_session(gate)
        gate._session = token.open(rw=True)
        return said(lambda: remove_leftovers(gate, ())), said(lambda: token_key(gate, settings.keys.ocsp))


def open_key(settings: HsmSettings) -> str:
    with open_gate(settings) as gate:
        return said(lambda: token_key(gate, settings.keys.ocsp))


def store_keys_for_ever(settings: HsmSettings, begun: Path) -> None:
    """Until somebody kills the process."""
    with open_gate(settings) as gate:
        while True:
            make_ec_key(gate, os.urandom(8).hex(), ec.SECP256R1())
            begun.touch()


def reconcile(settings: HsmSettings) -> Reconciliation:
    """Nothing is expected; then every whole key must sign."""
    with open_gate(settings) as gate:
        found = remove_leftovers(gate, ())
        for label in found.unexpected:
            sign_and_verify(token_key(gate, label))
        return found


def use_in_forked_child(settings: HsmSettings) -> list[str]:
    """What a forked child hears from its parent's gate and from a gate of its own; then what the parent hears."""
    with open_gate(settings) as gate:
        key = make_ec_key(gate, settings.keys.ocsp, ec.SECP256R1())
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(writing, f"{said(lambda: list_labels(gate))}\n{open_and_close(settings)}".encode())
                gate.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        heard = os.read(reading, 4096).decode().splitlines()
        return [*heard, said(partial(sign_and_verify, key))]


def make_service_keys(settings: HsmSettings) -> None:
    """KEK and pepper."""
    with open_gate(settings) as gate:
        make_vault(gate, settings)
