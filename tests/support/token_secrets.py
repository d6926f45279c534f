"""KEK and pepper born on a test's own token; those of the service are made so that they can move."""

from typing import Any

from pkcs11 import KeyType

from hsm_config import mechanisms
from hsm_config.gate import Gate
from hsm_config.token_objects import refuse_taken


def make_kek(gate: Gate, label: str) -> None:
    """A new AES-256 key that wraps and unwraps, and never leaves. Raises `HsmMisconfigured` when the label is taken."""

    def step(session: Any) -> None:
        refuse_taken(session, label)
        session.generate_key(
            KeyType.AES,
            256,
            label=label,
            store=True,
            capabilities=mechanisms.WRAPPING_ONLY,
            template=mechanisms.kek(gate.vendor),
        )

    gate.run(step, retry=False)


def make_pepper(gate: Gate, label: str) -> None:
    """A new 256-bit key for HMAC-SHA256 and nothing else. Raises `HsmMisconfigured` when the label is taken."""

    def step(session: Any) -> None:
        refuse_taken(session, label)
        session.generate_key(
            KeyType.GENERIC_SECRET,
            256,
            label=label,
            store=True,
            capabilities=mechanisms.SIGNING_ONLY,
            mechanism=mechanisms.MAKE_PEPPER,
            template=mechanisms.PEPPER_KEY,
        )

    gate.run(step, retry=False)
