"""What a registration of an application has to be, whoever makes it: each rule with the field that breaks it."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509

from api.oauth.methods import AuthMethod, Grant
from api.permissions import APPLICATION_PERMISSIONS, Permission
from signer.errors import ClientRefused
from store.client_model import Client

MOST_REDIRECTS: Final = 20
MOST_NETWORKS: Final = 16
LONGEST_URI: Final = 512

_URI: Final = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()+,;=%]+")
"""Characters of RFC 3986, without `*`, which looks like a pattern, and `#`: no fragment (RFC 6749, 3.1.2)."""

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_NEEDS: Final = {
    AuthMethod.PRIVATE_KEY_JWT: "jwks",
    AuthMethod.TLS: "tls_subject",
    AuthMethod.SELF_SIGNED_TLS: "tls_thumbprint",
}


def checked(client: Client) -> Client:
    """The registration in its one way of writing; raises `ClientRefused` for one that could not work or is unsafe."""
    client = replace(
        client,
        tls_subject=_subject(client.tls_subject),
        tls_thumbprint=_thumbprint(client.tls_thumbprint),
        networks=_networks(client.networks),
    )
    _check_methods(client)
    _check_grants(client)
    _check_scopes(client)
    _check_redirects(client.redirect_uris, public=client.public)
    return client


def _check_methods(client: Client) -> None:
    methods = client.auth_methods
    _require(bool(methods) and methods <= {*AuthMethod}, "authMethods", "Name at least one way to authenticate.")
    _require(
        client.public or AuthMethod.NONE not in methods, "authMethods", "A public client authenticates in no other way."
    )
    _require(
        not {AuthMethod.TLS, AuthMethod.SELF_SIGNED_TLS} <= methods, "authMethods", "Choose one of the two ways by TLS."
    )
    for method, part in _NEEDS.items():
        field = "".join([part.split("_")[0], *(word.capitalize() for word in part.split("_")[1:])])
        message = f"{method} and {field} go together."
        _require((method in methods) == bool(getattr(client, part)), field, message)


def _check_grants(client: Client) -> None:
    grants = client.grants
    _require(bool(grants) and grants <= {*Grant}, "grants", "Name at least one grant.")
    has_code = Grant.AUTHORIZATION_CODE in grants
    _require(
        has_code == bool(client.redirect_uris), "redirectUris", "authorization_code and redirect addresses go together."
    )
    _require(has_code or Grant.REFRESH_TOKEN not in grants, "grants", "refresh_token comes with authorization_code.")
    message = "A public client asks for nobody but its user: leave client_credentials out."
    _require(not (client.public and Grant.CLIENT_CREDENTIALS in grants), "grants", message)


def _check_scopes(client: Client) -> None:
    _require(client.scopes <= APPLICATION_PERMISSIONS, "scopes", "An application may not have one of these scopes.")
    message = "credential is asked for at the authorization endpoint: it needs authorization_code."
    may = Grant.AUTHORIZATION_CODE in client.grants
    _require(may or Permission.CREDENTIAL not in client.scopes, "scopes", message)


def _check_redirects(uris: Sequence[str], *, public: bool) -> None:
    _require(len(uris) <= MOST_REDIRECTS, "redirectUris", f"At most {MOST_REDIRECTS} addresses.")
    _require(len(set(uris)) == len(uris), "redirectUris", "One address stands there twice.")
    for uri in uris:
        _require(_is_safe(uri, public=public), "redirectUris", _REDIRECT)


_REDIRECT: Final = (
    "Write each whole address as it is sent: https without user name and fragment; http on loopback alone; for a public"
    " client also a scheme of its own with a dot, as id.example.app:/back (RFC 8252, 7)."
)


def _is_safe(uri: str, *, public: bool) -> bool:
    if len(uri) > LONGEST_URI or not _URI.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port  # both raise for what is none
    except ValueError:
        return False
    if parts.scheme in ("https", "http"):
        plain = parts.scheme == "https" or host in _LOOPBACK
        return bool(host) and plain and "@" not in parts.netloc
    return public and "." in parts.scheme


def _networks(networks: Sequence[str]) -> tuple[str, ...]:
    _require(len(networks) <= MOST_NETWORKS, "networks", f"At most {MOST_NETWORKS} networks.")
    try:
        return tuple(str(ipaddress.ip_network(each)) for each in networks)
    except ValueError:
        raise ClientRefused("Write networks as 192.0.2.0/24.", field="networks", reason="no-network") from None


def _subject(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return x509.Name.from_rfc4514_string(text).rfc4514_string()
    except ValueError:
        message = "Write the subject as RFC 4514 does: CN=aplikasi,O=Dinas Contoh."
        raise ClientRefused(message, field="tlsSubject", reason="not-a-name") from None


def _thumbprint(text: str | None) -> str | None:
    if not text:
        return None
    digits = text.replace(":", "").lower()
    _require(bool(_HEX.fullmatch(digits)), "tlsThumbprint", "SHA-256 of the certificate: 64 hexadecimal digits.")
    return digits


def _require(holds: bool, field: str, message: str) -> None:
    if not holds:
        raise ClientRefused(message, field=field, reason="invalid")
