"""Who the client says to be: `client_secret_basic` or `client_secret_post` (RFC 6749, 2.3.1), never both."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from api.faces.oauth.errors import OAuthError

MAX_BODY_BYTES: Final = 8 * 1024
_MAX_FIELDS: Final = 20
BASIC: Final = 'Basic realm="teken", charset="UTF-8"'


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """Identifier and secret as they came; not yet believed."""

    client_id: str
    secret: str

    def __repr__(self) -> str:
        return f"ClientCredentials(client_id={self.client_id!r}, secret=***)"


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


def read_credentials(authorization: str | None, form: Mapping[str, str]) -> ClientCredentials:
    """Identifier and secret from the header or the form; raises `OAuthError` with what is wrong."""
    in_form = "client_secret" in form
    if authorization is None:
        if not in_form or "client_id" not in form:
            raise OAuthError("invalid_client", "Send client_id and client_secret.", challenge=BASIC)
        return ClientCredentials(client_id=form["client_id"], secret=form["client_secret"])
    if in_form:
        raise OAuthError("invalid_request", "The client authenticated twice: use the header or the form.")
    credentials = _basic(authorization)
    if form.get("client_id", credentials.client_id) != credentials.client_id:
        raise OAuthError("invalid_request", "client_id differs from the one in the header.")
    return credentials


def _basic(authorization: str) -> ClientCredentials:
    """`Basic base64(id:secret)`, each form-urlencoded before they were joined."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise OAuthError("invalid_client", "Authenticate with Basic.", challenge=BASIC)
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "The Basic credentials cannot be read.", challenge=BASIC) from None
    if not colon:
        raise OAuthError("invalid_client", "The Basic credentials cannot be read.", challenge=BASIC)
    return ClientCredentials(client_id=unquote_plus(client_id), secret=unquote_plus(secret))
