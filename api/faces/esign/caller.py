"""Who calls: HTTP Basic (RFC 7617) of an API credential, checked before anything of the body is read."""

import base64
import binascii
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl

from litestar.concurrency import sync_to_thread
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api.esign.door import Door
from api.faces.esign.errors import EsignRefused
from api.limits import network_of
from signer.api_credentials import ApiCredential
from signer.model import Secret
from signer.seal_model import lies_in

SECRET_FIELDS: Final = frozenset({"passphrase", "totp", "otp"})
"""Never in an address: others write addresses into their logs."""

_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="Teken", charset="UTF-8"'}
_REFUSED: Final = "Nama pengguna atau kata sandi aplikasi tidak cocok."


@dataclass(frozen=True, slots=True, kw_only=True)
class EsignCaller:
    """An application in one request; `scope["user"]` under this face."""

    credential: ApiCredential

    @property
    def client_id(self) -> str:
        """The application whose quotas, kinds and log this call counts in."""
        return self.credential.client_id


class BasicAuthentication(ASGIMiddleware):
    """Puts an `EsignCaller` into `scope["user"]`, or refuses: 400 for a secret in the address, 401, 403."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, door: Door) -> None:
        self._door = door

    def __deepcopy__(self, _: dict[int, object]) -> Self:
        """The framework copies a router that it mounts; the store behind this must not be copied with it."""
        return self

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] == ScopeType.HTTP:
            _require_no_secret_in(scope["query_string"])
            _require_protected(scope, plain_http=self._door.plain_http)
            user_name, password = _basic_of(Headers.from_scope(scope))
            found = await sync_to_thread(self._door.caller, network_of(scope), user_name, password)
            if found is None:
                raise EsignRefused(_REFUSED, status=401, headers=_CHALLENGE)
            _require_allowed(found, scope)
            scope["user"] = EsignCaller(credential=found)
        await next_app(scope, receive, send)


def _require_no_secret_in(query: bytes) -> None:
    names = {
        name.strip().removesuffix("[]").casefold()
        for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    }
    if names & SECRET_FIELDS:
        raise EsignRefused("Passphrase dan kode sekali pakai tidak boleh dikirim dalam alamat.")


def _require_protected(scope: HTTPScope, *, plain_http: bool) -> None:
    """TLS, or a caller on this very machine whose words travel over no network, or the operator's decision."""
    if scope["scheme"] == "https" or plain_http or _on_this_machine(scope):
        return
    raise EsignRefused("Layanan ini hanya menerima sambungan HTTPS.", status=403)


def _on_this_machine(scope: HTTPScope) -> bool:
    """Whether nobody stands between: a proxy that is not trusted looks like a caller here, and says for whom."""
    client, headers = scope.get("client"), Headers.from_scope(scope)
    if client is None or "x-forwarded-for" in headers or "forwarded" in headers:
        return False
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _basic_of(headers: Headers) -> tuple[str, Secret]:
    """User name and password of the first Basic value, wherever it stands among others."""
    for value in _values(headers):
        scheme, _, text = value.partition(" ")
        if scheme.casefold() == "basic":
            user_name, password = _decoded(text.strip())
            return user_name, Secret(password)
    raise EsignRefused(_REFUSED, status=401, headers=_CHALLENGE)


def _values(headers: Headers) -> Iterator[str]:
    """Several header lines, and several values folded into one; no comma is in base64."""
    for line in headers.getall("authorization", []):
        yield from (each.strip() for each in line.split(","))


def _decoded(text: str) -> tuple[str, str]:
    try:
        octets = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise EsignRefused(_REFUSED, status=401, headers=_CHALLENGE) from None
    user_name, _, password = octets.decode("utf-8", "replace").partition(":")
    return user_name, password


def _require_allowed(credential: ApiCredential, scope: HTTPScope) -> None:
    if not (credential.enabled and credential.owner_active):
        raise EsignRefused("Kredensial API ini dinonaktifkan.", status=403)
    address = peer[0] if (peer := scope.get("client")) else ""
    allowed = (each for each in (credential.networks, credential.owner_networks) if each)
    if not all(lies_in(address, networks) for networks in allowed):
        raise EsignRefused("Alamat jaringan ini tidak diizinkan untuk kredensial API tersebut.", status=403)
