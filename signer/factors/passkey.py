"""Passkeys (WebAuthn Level 3): the device has to recognise its holder, always."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json, parse_registration_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from signer.factors.model import Evidence, FactorKind, Passkey

LONGEST_ANSWER: Final = 16 * 1024
"""Characters of what a browser sends; attestation is not asked for, so it is short."""
_DEEPEST: Final = 8  # levels of JSON; a browser's answer has three

_REQUIRED: Final = UserVerificationRequirement.REQUIRED
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Who asks: what a passkey is bound to, and what no other site can claim to be."""

    id: str
    """The host name, or a parent domain of it."""
    name: str
    origin: str
    """`https://host`, as browsers write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a new passkey said of itself."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def creation_options(
    party: RelyingParty, *, signatory_id: str, name: str, challenge: bytes, known: Sequence[Passkey]
) -> str:
    """JSON for `navigator.credentials.create()`; a device that has one of `known` refuses."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=signatory_id.encode(),
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
        exclude_credentials=_named(known),
    )
    return options_to_json(options)


def request_options(party: RelyingParty, *, challenge: bytes, allowed: Sequence[Passkey] = ()) -> str:
    """JSON for `navigator.credentials.get()`; without `allowed` the device offers what it has for this site."""
    options = generate_authentication_options(
        rp_id=party.id, challenge=challenge, allow_credentials=_named(allowed), user_verification=_REQUIRED
    )
    return options_to_json(options)


def credential_id_of(assertion: str) -> bytes | None:
    """Which passkey an answer says to be from; `None` for what is no answer."""
    parsed = _tried(lambda: parse_authentication_credential_json(_read(assertion)))
    return None if parsed is None else parsed.raw_id


def verified_registration(answer: str, party: RelyingParty, *, challenge: bytes) -> Registered | None:
    """The new passkey, or `None`: another challenge, another site, holder not recognised, or no answer at all."""
    made = _tried(
        lambda: verify_registration_response(
            credential=parse_registration_credential_json(_read(answer)),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    )
    if made is None or not made.user_verified:
        return None
    return Registered(
        credential_id=made.credential_id, public_key=made.credential_public_key, sign_count=made.sign_count
    )


def verified_assertion(
    assertion: str, passkey: Passkey, party: RelyingParty, *, challenge: bytes
) -> tuple[Evidence, int] | None:
    """What was proven, and the passkey's own counter; `None` as above, and for a signature of another key.

    Whether the counter grew is decided by the store, in the statement that remembers it.
    """
    parsed = _tried(lambda: parse_authentication_credential_json(_read(assertion)))
    if parsed is None or parsed.raw_id != passkey.credential_id:
        return None
    done = _tried(
        lambda: verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    )
    if done is None or not done.user_verified:
        return None
    evidence = Evidence(
        kind=FactorKind.PASSKEY,
        factor_id=passkey.id,
        client_data=parsed.response.client_data_json,
        authenticator_data=parsed.response.authenticator_data,
        signature=parsed.response.signature,
    )
    return evidence, done.new_sign_count


def _named(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential_id) for each in passkeys]


def _read(answer: str) -> dict[str, Any]:
    """A stranger's JSON: short and shallow, or `ValueError`."""
    if len(answer) > LONGEST_ANSWER or answer.count("[") + answer.count("{") > _DEEPEST * 4:
        raise ValueError("no answer of a browser")
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise ValueError("no answer of a browser")
    return read


def _tried(step: Callable[[], Made]) -> Made | None:
    """`step`, or `None`: on a stranger's bytes the library raises whatever its parsers raise."""
    try:
        return step()
    except Exception:
        return None
