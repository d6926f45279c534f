"""KEK and pepper on their way to every token that shall have them.

    1 each token makes a transport key, and its public half goes to the ceremony     make_transport_key
    2 KEK and pepper are born as session objects that may still be wrapped           bear
    3 each is wrapped under every transport key, with a proof of what is inside;
      the session objects are destroyed                                             bear
    4 each token unwraps them for good, with attributes that nobody can change       receive
    5 each token proves that what it holds is what was born                          receive

A key born in a token can never be moved; a key that came this way is fixed from step 4 on. Between 2 and 3 a session on
that machine could export it: hence the offline machine and the witnesses. The package of a token opens only there.
"""

from collections.abc import Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key

from hsm_config import mechanisms, wrapping
from hsm_config.errors import TransportRefused
from hsm_config.gate import Gate, find
from hsm_config.package import Package, Purpose, key_sha256
from hsm_config.token_objects import refuse_taken

BITS: Final = 3072
CHALLENGE: Final = b"teken/transport/1"


def make_transport_key(gate: Gate, label: str) -> bytes:
    """Step 1: the public half (SubjectPublicKeyInfo, DER) of the token's transport key, made where it is missing.

    The private half can neither leave the token nor do anything but unwrap by RSA-OAEP.
    """

    def step(session: Any) -> None:
        if not find(session, {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: label}):
            refuse_taken(session, label)
            session.generate_keypair(
                KeyType.RSA,
                BITS,
                label=label,
                store=True,
                capabilities=mechanisms.WRAPPING_ONLY,
                public_template=mechanisms.PERMANENT_PUBLIC,
                private_template=mechanisms.TRANSPORT_PRIVATE,
            )

    gate.run(step, retry=False)
    return transport_public_key(gate, label)


def transport_public_key(gate: Gate, label: str) -> bytes:
    """SubjectPublicKeyInfo (DER) of the transport key; raises `HsmMisconfigured` where there is none."""
    pkcs1 = gate.run(lambda _: bytes(encode_rsa_public_key(gate.handle(ObjectClass.PUBLIC_KEY, label))))
    public = serialization.load_der_public_key(pkcs1)
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def bear(gate: Gate, label: str, purpose: Purpose, recipients: Sequence[bytes]) -> tuple[Package, ...]:
    """Steps 2 and 3: a new key that is stored nowhere, as one package for each recipient, in their order.

    `recipients`: transport public keys (SubjectPublicKeyInfo, DER). Raises `TransportRefused` for one that is no
    RSA-3072 key or stands there twice, `HsmUnavailable` without a token.
    """
    keys = [_transport_key(recipient) for recipient in recipients]
    if not keys or len(set(recipients)) != len(recipients):
        raise TransportRefused("name the transport key of each token once, of one token at least")

    def step(session: Any) -> tuple[Package, ...]:
        with gate.short_lived(lambda: (_born(session, purpose),)) as (secret,):
            proof, witness = _proof(gate, session, secret, purpose)
            return tuple(
                Package(
                    label=label,
                    purpose=purpose,
                    transport_key=key_sha256(spki),
                    wrap_mechanism=gate.vendor.wrap_number,
                    wrapped=_wrapped(gate, session, secret, key),
                    proof=proof,
                    witness=witness,
                )
                for spki, key in zip(recipients, keys, strict=True)
            )

    return gate.run(step, retry=False)


def receive(gate: Gate, transport_label: str, package: Package) -> None:
    """Steps 4 and 5: the key inside `package`, on this token for good under its label.

    Raises `HsmMisconfigured` where the label is taken, `TransportRefused` for a package that is for another token or
    does not hold what it proves; nothing stays on the token then.
    """
    own = key_sha256(transport_public_key(gate, transport_label))
    if own != package.transport_key:
        raise TransportRefused(
            f"the package of {package.label!r} is for the token with transport key {package.transport_key[:16]}…,"
            f" this one has {own[:16]}…: take the package that was made for this token"
        )

    def step(session: Any) -> None:
        refuse_taken(session, package.label)
        try:
            secret = _unwrapped(gate, gate.handle(ObjectClass.PRIVATE_KEY, transport_label), package)
        except wrapping.REFUSALS as refusal:
            gate.sweep(session)  # a failed unwrap leaves a half-made object behind, on the token for good
            raise TransportRefused(f"the package of {package.label!r} does not open: it was changed") from refusal
        if not _holds(gate, session, secret, package):
            secret.destroy()
            raise TransportRefused(f"the package of {package.label!r} holds another key than it proves: it was changed")

    gate.run(step, retry=False)


def holds_what_was_born(gate: Gate, package: Package) -> bool:
    """Step 5 again, at any time: whether the token's key of this label is the one that `package` proves."""
    return gate.run(lambda session: _holds(gate, session, gate.handle(ObjectClass.SECRET_KEY, package.label), package))


def _transport_key(spki: bytes) -> rsa.RSAPublicKey:
    try:
        key = serialization.load_der_public_key(spki)
    except ValueError:
        raise TransportRefused("a transport key is no public key: export it again") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != BITS:
        raise TransportRefused(f"a transport key must be RSA-{BITS}: export it again")
    return key


def _born(session: Any, purpose: Purpose) -> Any:
    if purpose is Purpose.KEK:
        return session.generate_key(
            KeyType.AES,
            256,
            store=False,
            capabilities=mechanisms.WRAPPING_ONLY,
            template=mechanisms.BORN_TO_BE_WRAPPED,
        )
    return session.generate_key(
        KeyType.GENERIC_SECRET,
        256,
        store=False,
        capabilities=mechanisms.SIGNING_ONLY,
        mechanism=mechanisms.MAKE_PEPPER,
        template=mechanisms.BORN_TO_BE_WRAPPED,
    )


def _wrapped(gate: Gate, session: Any, secret: Any, recipient: rsa.RSAPublicKey) -> bytes:
    numbers = recipient.public_numbers()
    template = {
        Attribute.CLASS: ObjectClass.PUBLIC_KEY,
        Attribute.KEY_TYPE: KeyType.RSA,
        Attribute.TOKEN: False,
        Attribute.WRAP: True,
        Attribute.MODULUS: numbers.n.to_bytes(BITS // 8, "big"),
        Attribute.PUBLIC_EXPONENT: numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8, "big"),
    }
    with gate.short_lived(lambda: (session.create_object(template),)) as (public,):
        wrapped = public.wrap_key(secret, mechanism=mechanisms.TRANSPORT, mechanism_param=gate.vendor.oaep)
        return bytes(wrapped)


def _unwrapped(gate: Gate, transport: Any, package: Package) -> Any:
    kek = package.purpose is Purpose.KEK
    return transport.unwrap_key(
        ObjectClass.SECRET_KEY,
        KeyType.AES if kek else KeyType.GENERIC_SECRET,
        package.wrapped,
        label=package.label,
        mechanism=mechanisms.TRANSPORT,
        mechanism_param=gate.vendor.oaep,
        store=True,
        capabilities=mechanisms.WRAPPING_ONLY if kek else mechanisms.SIGNING_ONLY,
        template=mechanisms.kek(gate.vendor) if kek else mechanisms.PEPPER_KEY,
    )


def _proof(gate: Gate, session: Any, secret: Any, purpose: Purpose) -> tuple[bytes, bytes]:
    """What only this key can have made, and what it is checked with: a pepper's HMAC of a constant, or a key that the
    KEK wrapped and its public half."""
    if purpose is Purpose.PEPPER:
        return bytes(secret.sign(CHALLENGE, mechanism=mechanisms.PEPPER)), b""
    with gate.short_lived(lambda: wrapping.make_session_pair(session)) as (public, private):
        return bytes(secret.wrap_key(private, mechanism=gate.vendor.wrap)), bytes(encode_ec_public_key(public))


def _holds(gate: Gate, session: Any, secret: Any, package: Package) -> bool:
    if package.purpose is Purpose.PEPPER:
        return bytes(secret.sign(CHALLENGE, mechanism=mechanisms.PEPPER)) == package.proof
    digest = hashes.Hash(hashes.SHA256())
    digest.update(CHALLENGE)
    challenge = digest.finalize()
    try:
        with gate.short_lived(lambda: (wrapping.unwrap(gate, secret, package.proof),)) as (key,):
            raw = bytes(key.sign(challenge, mechanism=mechanisms.SIGN))
    except wrapping.REFUSALS:
        gate.sweep(session)
        return False
    return _verifies(package.witness, raw, challenge)


def _verifies(spki: bytes, raw: bytes, digest: bytes) -> bool:
    try:
        public = serialization.load_der_public_key(spki)
    except ValueError:
        return False
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    half = len(raw) // 2
    signature = utils.encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    try:
        public.verify(signature, digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    except InvalidSignature:
        return False
    return True
