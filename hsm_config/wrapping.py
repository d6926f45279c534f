"""Layer one: officials' keys wrapped under the KEK of the token (RFC 5649). All of it runs inside a gate's step."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11 import exceptions as p11
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from hsm_config import mechanisms
from hsm_config.errors import WrappedKeyRefused
from hsm_config.gate import Gate

REFUSALS: Final = (
    p11.EncryptedDataInvalid,
    p11.EncryptedDataLenRange,
    p11.FunctionFailed,  # another type of key inside
    p11.GeneralError,  # SoftHSM's word for a tampered blob, but also for much else
    p11.WrappedKeyInvalid,
    p11.WrappedKeyLenRange,
)


def make_wrapped_key(gate: Gate, session: Any, *, kek_label: str) -> tuple[bytes, bytes]:
    """A new P-256 key that never touches the token's store: (SubjectPublicKeyInfo in DER, wrapped private key)."""
    kek = gate.handle(ObjectClass.SECRET_KEY, kek_label)
    with gate.short_lived(lambda: make_session_pair(session)) as (public, private):
        return bytes(encode_ec_public_key(public)), bytes(kek.wrap_key(private, mechanism=gate.vendor.wrap))


def make_session_pair(session: Any) -> tuple[Any, Any]:
    """Public and private half of a new P-256 key, both session objects, ready to be wrapped."""
    parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    pair: tuple[Any, Any] = session.create_domain_parameters(KeyType.EC, parameters, local=True).generate_keypair(
        store=False, capabilities=mechanisms.SIGNING_PAIR, private_template=mechanisms.BORN_TO_BE_WRAPPED
    )
    return pair


@contextmanager
def unwrapped(
    gate: Gate,
    session: Any,
    *,
    kek_label: str,
    wrapped: bytes,
    template: mechanisms.Template = mechanisms.UNWRAPPED_FOR_USE,
) -> Iterator[Any]:
    """The private key inside `wrapped`, as a session object that is destroyed at the end of the block.

    Raises `WrappedKeyRefused` when the KEK works and this blob does not open: tampered, or wrapped under another KEK.
    """
    kek = gate.handle(ObjectClass.SECRET_KEY, kek_label)

    def make() -> tuple[Any]:
        try:
            return (unwrap(gate, kek, wrapped, template),)
        except REFUSALS as refusal:
            gate.sweep(session)  # a failed unwrap leaves a half-made object behind
            if not _works(gate, session, kek):
                raise  # the HSM is ill, not the blob: the gate logs in again
            raise WrappedKeyRefused(
                f"the HSM refuses a wrapped key ({type(refusal).__name__}):"
                f" tampered, or not wrapped under {kek_label!r}: integrity alarm"
            ) from refusal

    with gate.short_lived(make) as (key,):
        yield key


def rewrapped(gate: Gate, session: Any, *, wrapped: bytes, under: str, anew: str) -> bytes:
    """The key inside `wrapped` (under the KEK labelled `under`), wrapped under the KEK labelled `anew`.

    In between it is a session object that can be wrapped and not read. Raises `WrappedKeyRefused` as `unwrapped` does.
    """
    kek = gate.handle(ObjectClass.SECRET_KEY, anew)
    template = mechanisms.UNWRAPPED_TO_BE_REWRAPPED
    with unwrapped(gate, session, kek_label=under, wrapped=wrapped, template=template) as key:
        return bytes(kek.wrap_key(key, mechanism=gate.vendor.wrap))


def _works(gate: Gate, session: Any, kek: Any) -> bool:
    """Whether the KEK still wraps and unwraps a key of our own making."""
    try:
        with gate.short_lived(lambda: make_session_pair(session)) as (_, private):
            own = bytes(kek.wrap_key(private, mechanism=gate.vendor.wrap))
        with gate.short_lived(lambda: (unwrap(gate, kek, own),)):
            return True
    except p11.PKCS11Error:
        return False


def unwrap(gate: Gate, kek: Any, wrapped: bytes, template: mechanisms.Template = mechanisms.UNWRAPPED_FOR_USE) -> Any:
    """The key inside `wrapped` as a session object, which the caller destroys; after a refusal the caller sweeps."""
    return kek.unwrap_key(
        ObjectClass.PRIVATE_KEY,
        KeyType.EC,
        wrapped,
        mechanism=gate.vendor.wrap,
        store=False,
        capabilities=mechanisms.SIGNING_ONLY,
        template=template,
    )
