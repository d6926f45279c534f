"""`auth/login` (1.0.4.0, 11.2; 2.0.0.2, 11.2): HTTP Basic (RFC 7617) of an account of an integration."""

import base64
import binascii
from typing import Any, Final

from api.csc.ports import LoggedIn, Logins
from api.faces.csc.asked import Asked
from api.faces.csc.errors import CscError, invalid, not_offered
from signer.model import Secret

_CHALLENGE: Final = 'Basic realm="teken", charset="UTF-8"'


def login(asked: Asked) -> dict[str, Any]:
    """An access token of scope `service`; with `rememberMe` a refresh token, which is what comes instead of the header
    the next time."""
    logins, refresh = asked.services.logins, asked.values["refresh_token"]
    if logins is None:
        raise not_offered("auth/login")
    if refresh is None:
        told = _with_header(asked, logins)
        if told is None:
            raise CscError("authentication_error", "An error occurred during authentication process")
    else:
        told = logins.with_refresh(refresh, address=asked.sender.address)
        if told is None:
            raise invalid("Invalid string parameter refresh_token")
    more = {} if told.refresh_token is None else {"refresh_token": told.refresh_token}
    return {"access_token": told.access_token, "expires_in": told.seconds, **more}


def _with_header(asked: Asked, logins: Logins) -> LoggedIn | None:
    name, password = _read_basic(asked.sender.authorization)
    return logins.with_password(
        name,
        password,
        address=asked.sender.address,
        network=asked.sender.network,
        remember=asked.values["rememberMe"] is True,
    )


def _read_basic(headers: tuple[str, ...]) -> tuple[str, Secret]:
    """Name and password of the one header; raises `CscError`, which quotes neither."""
    scheme, _, encoded = (headers[0] if len(headers) == 1 else "").partition(" ")
    try:
        if scheme.lower() != "basic" or not encoded.strip():
            raise ValueError
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (ValueError, binascii.Error):
        raise CscError(
            "invalid_request", "Malformed authentication parameter.", status=401, challenge=_CHALLENGE
        ) from None
    name, colon, password = text.partition(":")
    if not colon:
        raise invalid("Malformed username-password.")
    return name, Secret(password)
