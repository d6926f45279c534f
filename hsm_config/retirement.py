"""The end of a signing key: it is destroyed where it was made."""

from typing import Any

from pkcs11 import Attribute, ObjectClass

from hsm_config.errors import HsmMisconfigured
from hsm_config.gate import Gate, find


def destroy_signing_key(gate: Gate, label: str) -> None:
    """Destroy the private key with this label, then its public half; what is not there is gone already.

    Raises `HsmMisconfigured` for an empty label, which stands for leftovers and names nothing, and `HsmUnavailable`
    when the token does not answer; calling it again is harmless.
    """
    if not label:
        raise HsmMisconfigured("a key is destroyed by its label: name it")

    def step(session: Any) -> None:
        for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
            for found in find(session, {Attribute.CLASS: kind, Attribute.LABEL: label}):
                found.destroy()

    gate.run(step, retry=False)
