"""Rows of clients: read as nouns, written, ended. Shared by applications and by accounts of staff."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, delete, insert, update
from sqlalchemy.orm import Session

from store.audit import without_personal_numbers
from store.client_model import Client, ClientState
from store.tables import AccessTokenRow, ClientRow

CLIENT_ID: Final = re.compile(r"[0-9A-Za-z._~-]{1,64}")
"""What an identifier looks like: unreserved characters (RFC 3986, 2.3) alone, so that it reads the same whether a
client form-encodes it or not."""


def client_of(row: Row[Any], scopes: frozenset[str]) -> Client:
    """The client of a row; `scopes`: what it may ask for at this moment."""
    return Client(
        id=row.id,
        name=row.name,
        scopes=scopes,
        state=ClientState(row.state),
        created_at=row.created_at,
        auth_methods=frozenset(row.auth_methods),
        grants=frozenset(row.grants),
        redirect_uris=tuple(row.redirect_uris),
        jwks=tuple(row.jwks),
        tls_subject=row.tls_subject,
        tls_thumbprint=row.tls_thumbprint,
        networks=tuple(row.networks),
    )


def registered(client: Client) -> dict[str, Any]:
    """What the trail says of a registration; of keys their thumbprints (RFC 7638)."""
    said = {
        "scopes": sorted(client.scopes),
        "auth_methods": sorted(client.auth_methods),
        "grants": sorted(client.grants),
        "redirect_uris": list(client.redirect_uris),
        "name": client.name,
        "keys": [_thumbprint(key) for key in client.jwks],
        "tls_subject": client.tls_subject,
        "tls_thumbprint": client.tls_thumbprint,
        "networks": list(client.networks),
    }
    return {name: value for name, value in said.items() if value or name == "scopes"}


def _thumbprint(key: Mapping[str, Any]) -> str:
    needed = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}[key["kty"]]
    said = json.dumps({name: key[name] for name in needed}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(said).digest()).rstrip(b"=").decode()


def registration_columns(client: Client) -> dict[str, Any]:
    """The columns of a client's row that say how it is registered."""
    return {
        "name": client.name,
        "scopes": sorted(client.scopes),
        "auth_methods": sorted(client.auth_methods),
        "grants": sorted(client.grants),
        "redirect_uris": list(client.redirect_uris),
        "jwks": [dict(key) for key in client.jwks],
        "tls_subject": client.tls_subject,
        "tls_thumbprint": client.tls_thumbprint,
        "networks": list(client.networks),
    }


def insert_client(session: Session, client: Client, secret_sha256: str | None) -> None:
    """A new client's row; raises `ValueError` for an id that is none, or looks like a person's number: the trail names
    clients by it."""
    if not CLIENT_ID.fullmatch(client.id):
        raise ValueError("client id: 1 to 64 letters, digits, `.`, `-`, `~` and `_`")
    if without_personal_numbers(client.id) != client.id:
        raise ValueError("client id: no number of 16 or 18 digits, because it could be a NIK or NIP")
    row = {"id": client.id, "state": client.state.value, "created_at": client.created_at}
    session.execute(insert(ClientRow).values(**row, **registration_columns(client), secret_sha256=secret_sha256))


def replace_secret(session: Session, client_id: str, secret_sha256: str) -> None:
    """Another secret (SHA-256, hex) for a client that exists; its tokens end."""
    session.execute(update(ClientRow).where(ClientRow.id == client_id).values(secret_sha256=secret_sha256))
    session.execute(delete(AccessTokenRow).where(AccessTokenRow.client_id == client_id))


def end_client(session: Session, client_id: str) -> bool:
    """Disable an active client and forget its tokens; whether there was one."""
    disabled = (
        update(ClientRow)
        .where(ClientRow.id == client_id, ClientRow.state == ClientState.ACTIVE.value)
        .values(state=ClientState.DISABLED.value)
        .returning(ClientRow.id)
    )
    if session.scalar(disabled) is None:
        return False
    session.execute(delete(AccessTokenRow).where(AccessTokenRow.client_id == client_id))
    return True
