"""The few permanent keys of a token: made in the ceremony, listed and cleaned by the reconciliation job.

Only one process may write to a token at a time, and only the ceremony and the renewal jobs write at all. Nothing here
is repeated after a lost connection: nobody knows whether the first try wrote.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from hsm_config import mechanisms
from hsm_config.errors import HsmMisconfigured
from hsm_config.gate import Gate, find
from hsm_config.private_keys import HsmEcKey, token_key


def make_ec_key(gate: Gate, label: str, curve: ec.EllipticCurve) -> HsmEcKey:
    """A new permanent signing key on P-256 or P-384, not extractable, ECDSA only; returns it ready to sign.

    Raises `HsmMisconfigured` for another curve and when any object has this label already.
    """
    if curve.name not in mechanisms.CURVES:
        raise HsmMisconfigured(f"curve {curve.name} is not used here: choose one of {', '.join(mechanisms.CURVES)}")

    def step(session: Any) -> None:
        _refuse_taken(session, label)
        parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve.name)}
        session.create_domain_parameters(KeyType.EC, parameters, local=True).generate_keypair(
            store=True,
            label=label,
            capabilities=mechanisms.SIGNING_PAIR,
            public_template=mechanisms.PERMANENT_PUBLIC,
            private_template=mechanisms.PERMANENT_SIGNER,
        )

    gate.run(step, retry=False)
    return token_key(gate, label)


def make_kek(gate: Gate, label: str) -> None:
    """A new AES-256 key that wraps and unwraps, and can never do or become anything else.

    Born in this token it can never leave it: a KEK that must survive the loss of the token comes from the recovery
    ceremony instead. Raises `HsmMisconfigured` when the label is taken.
    """

    def step(session: Any) -> None:
        _refuse_taken(session, label)
        session.generate_key(
            KeyType.AES,
            256,
            label=label,
            store=True,
            capabilities=mechanisms.WRAPPING_ONLY,
            template=mechanisms.KEK,
        )

    gate.run(step, retry=False)


def make_pepper(gate: Gate, label: str) -> None:
    """A new 256-bit key for HMAC-SHA256 and nothing else. Raises `HsmMisconfigured` when the label is taken."""

    def step(session: Any) -> None:
        _refuse_taken(session, label)
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


def list_labels(gate: Gate) -> tuple[str, ...]:
    """The labels of all objects on the token, each once, sorted; the empty one stands for leftovers."""
    return gate.run(lambda session: tuple(sorted({found[Attribute.LABEL] for found in find(session, {})})))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What `remove_leftovers` did and saw. Anything but three empty tuples belongs in the operator's hands."""

    removed: tuple[str, ...]
    """One line an object: what it was and why it went."""
    missing: tuple[str, ...]
    """Expected labels without a usable key."""
    unexpected: tuple[str, ...]
    """Labels of whole keys that nobody expects; left alone."""


def remove_leftovers(gate: Gate, expected: Collection[str]) -> Reconciliation:
    """Compare the token with the `expected` labels; remove unlabelled leftovers and half key pairs.

    A process killed while it stores a pair leaves the public half alone; a failed unwrap leaves an object without
    label. A private key without its public half goes only when nobody expects it: whoever holds its certificate could
    still use it. Only the process that owns the token may call this, and only between steps.
    """

    def step(session: Any) -> Reconciliation:
        kinds: dict[str, set[ObjectClass]] = {}
        removed = []
        for found in find(session, {}):
            label = found[Attribute.LABEL]
            if label:
                kinds.setdefault(label, set()).add(found[Attribute.CLASS])
            else:
                removed.append(_removed(found, "without label"))
        for label, classes in sorted(kinds.items()):
            half = classes & {ObjectClass.PUBLIC_KEY, ObjectClass.PRIVATE_KEY}
            if half == {ObjectClass.PUBLIC_KEY} or (half == {ObjectClass.PRIVATE_KEY} and label not in expected):
                halves = find(session, {Attribute.LABEL: label, Attribute.CLASS: half.pop()})
                removed.extend(_removed(found, f"labelled {label!r} without its other half") for found in halves)
                classes.clear()
        whole = {label for label, classes in kinds.items() if _usable(classes)}
        return Reconciliation(
            removed=tuple(removed),
            missing=tuple(sorted(set(expected) - whole)),
            unexpected=tuple(sorted(whole - set(expected))),
        )

    return gate.run(step, retry=False)


def _usable(classes: set[ObjectClass]) -> bool:
    return ObjectClass.SECRET_KEY in classes or {ObjectClass.PUBLIC_KEY, ObjectClass.PRIVATE_KEY} <= classes


def _removed(found: Any, why: str) -> str:
    kind: str = found[Attribute.CLASS].name
    found.destroy()
    return f"{kind} {why}"


def _refuse_taken(session: Any, label: str) -> None:
    if not label:
        raise HsmMisconfigured("a key needs a label: name it in the settings")
    if find(session, {Attribute.LABEL: label}):
        raise HsmMisconfigured(f"label {label!r} is taken on this token: choose the next generation, e.g. -g2")
