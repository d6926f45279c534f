"""Who the client says to be, and what it offers as proof: read, not yet believed. Never two proofs at once
(RFC 6749, 2.3)."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from litestar.datastructures import Headers

from api.oauth.errors import OAuthError
from api.oauth.methods import AuthMethod

MAX_BODY_BYTES: Final = 64 * 1024
"""A hundred digests with their labels."""
BASIC: Final = 'Basic realm="teken", charset="UTF-8"'
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MAX_FIELDS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretOffer:
    """A secret, in the header or in the form."""

    client_id: str
    method: AuthMethod
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionOffer:
    """A JWT that the client signed (RFC 7523, 2.2)."""

    client_id: str
    """As its form or, where that says nothing, the assertion claims."""
    assertion: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameOffer:
    """A name alone: a public client, or one that showed its certificate to the proxy."""

    client_id: str


Offer = SecretOffer | AssertionOffer | NameOffer


def read_form(body: bytes) -> dict[str, str]:
    """The fields of an `application/x-www-form-urlencoded` body; each at most once (RFC 6749, 3.2)."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=False, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError:
        raise OAuthError("invalid_request", "The body is not a form in UTF-8.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OAuthError("invalid_request", "A parameter came twice.")
    return form


def read_offer(headers: Headers, form: Mapping[str, str]) -> Offer:
    """The one offer in the header or the form; raises `OAuthError` with what is wrong."""
    given = headers.getall("authorization", [])
    ways = len(given) + ("client_secret" in form) + ("client_assertion" in form)
    if ways > 1:
        raise OAuthError("invalid_request", "The client authenticated twice: use the header or the form.")
    if given:
        offer: Offer = _basic(given[0])
    elif "client_assertion" in form:
        offer = _assertion(form)
    elif "client_id" not in form:
        raise OAuthError("invalid_client", "Send client_id and what proves it.")
    elif "client_secret" in form:
        offer = SecretOffer(client_id=form["client_id"], secret=form["client_secret"], method=AuthMethod.POST)
    else:
        offer = NameOffer(client_id=form["client_id"])
    if form.get("client_id", offer.client_id) != offer.client_id:
        raise OAuthError("invalid_request", "client_id differs from the one that authenticates.")
    return offer


def _basic(authorization: str) -> SecretOffer:
    """`Basic base64(id:secret)`, each form-urlencoded before they were joined, or left as they are: identifiers and
    secrets of ours read the same in both ways."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise OAuthError("invalid_client", "Authenticate with Basic.", challenge=BASIC)
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError):
        raise OAuthError("invalid_client", "The Basic credentials cannot be read.", challenge=BASIC) from None
    if not colon:
        raise OAuthError("invalid_client", "The Basic credentials cannot be read.", challenge=BASIC)
    return SecretOffer(client_id=unquote_plus(client_id), secret=unquote_plus(secret), method=AuthMethod.BASIC)


def _assertion(form: Mapping[str, str]) -> AssertionOffer:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_request", f"client_assertion_type has to be {ASSERTION_TYPE}.")
    assertion = form["client_assertion"]
    client_id = form.get("client_id") or _subject(assertion)
    return AssertionOffer(client_id=client_id, assertion=assertion)


def _subject(assertion: str) -> str:
    """Whom the assertion speaks of, by its own unproven word: whose keys it has to be verified with."""
    parts = assertion.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        subject = claims["sub"]
    except (ValueError, IndexError, KeyError, TypeError, RecursionError):
        subject = None
    if not isinstance(subject, str):
        raise OAuthError("invalid_client", "The assertion cannot be read.")
    return subject
