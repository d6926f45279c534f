"""The few permanent keys of a token: made in the ceremony, listed and cleaned by the reconciliation job.

Only one process may write to a token at a time, and only the ceremony and the renewal jobs write at all. Nothing here
is repeated after a lost connection: nobody knows whether the first try wrote.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11 import exceptions as p11
from pkcs11.util.ec import encode_named_curve_parameters

from hsm_config import mechanisms
from hsm_config.errors import HsmMisconfigured
from hsm_config.gate import Gate, find
from hsm_config.private_keys import HsmEcKey, token_key
from hsm_config.wrapping import make_session_pair

KEYS: Final = (ObjectClass.PUBLIC_KEY, ObjectClass.PRIVATE_KEY, ObjectClass.SECRET_KEY)
_MATERIAL: Final = {
    (ObjectClass.PUBLIC_KEY, KeyType.EC): Attribute.EC_POINT,
    (ObjectClass.PRIVATE_KEY, KeyType.EC): Attribute.EC_PARAMS,
    (ObjectClass.PUBLIC_KEY, KeyType.RSA): Attribute.MODULUS,
    (ObjectClass.PRIVATE_KEY, KeyType.RSA): Attribute.MODULUS,
}
"""What a key of each kind cannot be without."""
CLASSES: Final = (*KEYS, ObjectClass.CERTIFICATE, ObjectClass.DATA)


def make_ec_key(gate: Gate, label: str, curve: ec.EllipticCurve) -> HsmEcKey:
    """A new permanent signing key on P-256 or P-384, not extractable, ECDSA only; returns it ready to sign.

    Raises `HsmMisconfigured` for another curve and when any object has this label already.
    """
    if curve.name not in mechanisms.CURVES:
        raise HsmMisconfigured(f"curve {curve.name} is not used here: choose one of {', '.join(mechanisms.CURVES)}")

    def step(session: Any) -> None:
        refuse_taken(session, label)
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


def destroy_secret(gate: Gate, label: str) -> None:
    """Destroy a KEK or pepper for good: whatever it wrapped or sealed never opens again.

    The caller made sure that no row names it. Raises `HsmMisconfigured` where there is none.
    """

    def step(session: Any) -> None:
        found = find(session, {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: label})
        if not found:
            raise HsmMisconfigured(f"no KEK or pepper is labelled {label!r}: nothing was destroyed")
        for each in found:
            each.destroy()
        gate.forget_handles()

    gate.run(step, retry=False)


def list_labels(gate: Gate) -> tuple[str, ...]:
    """The labels of all objects on the token, each once, sorted; the empty one stands for leftovers."""
    return gate.run(lambda session: tuple(sorted({found[Attribute.LABEL] for found in _everything(session)})))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What `remove_leftovers` did and saw. Anything but four empty tuples belongs in the operator's hands."""

    removed: tuple[str, ...]
    """One line an object: what it was and why it went."""
    broken: tuple[str, ...]
    """Labels of secret keys that do not work: their making was interrupted. Left alone, because a KEK or pepper is too
    dear for a guess; remove them with the vendor's tool, then make them again."""
    missing: tuple[str, ...]
    """Expected labels without a key that works."""
    unexpected: tuple[str, ...]
    """Labels of whole keys that nobody expects; left alone."""


def remove_leftovers(gate: Gate, expected: Collection[str], *, only_look: bool = False) -> Reconciliation:
    """Compare the token with the `expected` labels; remove what interrupted writers leave behind.

    A process killed while it stores a key leaves, as the moment has it, an object without label, a labelled half
    without its key material, or a public key alone; a failed unwrap leaves an object without label. A whole private
    key without its public half goes only when nobody expects it: whoever holds its certificate could still use it.
    Only the process that owns the token may call this; with `only_look` nothing is removed, and anybody may.
    """

    def step(session: Any) -> Reconciliation:
        with gate.short_lived(lambda: make_session_pair(session)):
            pass  # proves the login: without one private halves are merely invisible, and every public one looks alone
        remove = _named if only_look else _removed
        unfinished = [(found, why) for found in _everything(session) if (why := _unfinished(found))]
        gone = {found.handle for found, _ in unfinished}
        removed = [remove(found, why) for found, why in unfinished]
        whole = [found for found in _everything(session) if found.handle not in gone]
        kept = [(found[Attribute.CLASS], found[Attribute.LABEL], found) for found in whole]
        public, private, secret = ({label for kind, label, _ in kept if kind is wanted} for wanted in KEYS)
        broken = {
            label for kind, label, found in kept if kind is ObjectClass.SECRET_KEY and not _works(gate, session, found)
        }
        alone = {ObjectClass.PUBLIC_KEY: public - private, ObjectClass.PRIVATE_KEY: private - public - set(expected)}
        for kind, label, found in kept:
            if label in alone.get(kind, ()):
                removed.append(remove(found, f"labelled {label!r} without its other half"))
        good = (public & private) | (secret - broken)
        return Reconciliation(
            removed=tuple(removed),
            broken=tuple(sorted(broken)),
            missing=tuple(sorted(set(expected) - good)),
            unexpected=tuple(sorted(good - set(expected))),
        )

    return gate.run(step, retry=False)


def _everything(session: Any) -> list[Any]:
    """Every object, class by class: a process killed in the first instant of storing a key leaves one without any
    attribute, on which the binding's search without a template fails for ever."""
    return [found for kind in CLASSES for found in find(session, {Attribute.CLASS: kind})]


def _unfinished(found: Any) -> str | None:
    """Why this object was certainly never finished; `None` for all others."""
    label = found[Attribute.LABEL]
    if not label:
        return "without label"
    kind = found[Attribute.CLASS]
    wanted = _MATERIAL.get((kind, found[Attribute.KEY_TYPE])) if kind in KEYS else None
    if wanted is not None and not found[wanted]:
        return f"labelled {label!r} without key material"
    return None


def _works(gate: Gate, session: Any, secret: Any) -> bool:
    """Whether a KEK wraps or a pepper makes an HMAC; no attribute tells, because SoftHSM leaves CHECK_VALUE empty in
    unwrapped keys as well as in unfinished ones."""
    try:
        if secret[Attribute.WRAP]:
            with gate.short_lived(lambda: make_session_pair(session)) as (_, private):
                secret.wrap_key(private, mechanism=gate.vendor.wrap)
        else:
            secret.sign(b"teken/reconciliation", mechanism=mechanisms.PEPPER)
    except p11.PKCS11Error:
        return False
    return True


def _removed(found: Any, why: str) -> str:
    line = _named(found, why)
    found.destroy()
    return line


def _named(found: Any, why: str) -> str:
    return f"{found[Attribute.CLASS].name} {why}"


def refuse_taken(session: Any, label: str) -> None:
    """Raises `HsmMisconfigured` for an empty label and for one that any object has already. Only inside a step."""
    if not label:
        raise HsmMisconfigured("a key needs a label: name it in the settings")
    if find(session, {Attribute.LABEL: label}):
        raise HsmMisconfigured(f"label {label!r} is taken on this token: choose the next generation, e.g. -g2")
