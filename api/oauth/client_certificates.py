"""Mutual TLS behind a proxy (RFC 8705): the certificate that a client showed to the proxy, and whose it is.

The proxy ends TLS and passes the certificate on in a header field. Whoever else sends that field is not believed: it
is taken off every request that does not come from a named proxy.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.oauth.methods import AuthMethod
from signer.seal_model import lies_in

_SHOWN: Final = "teken.client_certificate"
"""Where the field's value stands in the scope, which no client can write to."""

_LARGEST: Final = 16 * 1024


class RegisteredCertificate(Protocol):
    """What a client's registration says of its certificate."""

    @property
    def tls_subject(self) -> str | None: ...

    @property
    def tls_thumbprint(self) -> str | None: ...


class ClientCertificates:
    """Around the whole application, before anything believes a forwarded address."""

    def __init__(self, app: ASGIApp, *, header: str, proxies: Sequence[str]) -> None:
        """`header`: name of the field; `proxies`: networks (CIDR) of the proxies that set it on every request."""
        self._app = app
        self._header = header.lower().encode("ascii")
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the field off, and note its value where the caller is a proxy of ours and sent it once."""
        if scope["type"] == ScopeType.HTTP:
            fields: Any = scope["headers"]
            values = [value for name, value in fields if name.lower() == self._header]
            scope["headers"] = [field for field in fields if field[0].lower() != self._header]
            peer = scope["client"]
            if len(values) == 1 and peer is not None and lies_in(peer[0], self._proxies):
                scope.update({_SHOWN: values[0]})  # type: ignore[misc] # a key of ours
        await self._app(scope, receive, send)


def certificate_in(scope: Scope) -> x509.Certificate | None:
    """The certificate that the client showed; `None` without one, and for what cannot be read as one.

    As RFC 9440 writes it (`:base64 of DER:`), or as PEM with percent-encoding, which nginx writes.
    """
    value: bytes | None = scope.get(_SHOWN)  # type: ignore[assignment]
    if not value or len(value) > _LARGEST:
        return None
    try:
        if value.startswith(b":") and value.endswith(b":") and len(value) > 1:
            return x509.load_der_x509_certificate(base64.b64decode(value[1:-1], validate=True))
        return x509.load_pem_x509_certificate(unquote_to_bytes(value))
    except (ValueError, binascii.Error):
        return None


class CertificateRules:
    """Which certificate is whose."""

    def __init__(self, authorities: Sequence[x509.Certificate] = ()) -> None:
        """`authorities`: who issues certificates for `tls_client_auth`; without any, nobody authenticates that way."""
        self._store = Store(list(authorities)) if authorities else None

    def method_of(
        self, client: RegisteredCertificate, certificate: x509.Certificate, at: datetime
    ) -> AuthMethod | None:
        """How this certificate authenticates this client at that time; `None` where it does not."""
        if not certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc:
            return None
        if client.tls_thumbprint is not None:
            same = certificate.fingerprint(hashes.SHA256()).hex() == client.tls_thumbprint
            return AuthMethod.SELF_SIGNED_TLS if same else None
        if client.tls_subject is None or certificate.subject.rfc4514_string() != client.tls_subject:
            return None
        return AuthMethod.TLS if self._is_issued_by_authority(certificate, at) else None

    def _is_issued_by_authority(self, certificate: x509.Certificate, at: datetime) -> bool:
        if self._store is None:
            return False
        policies = {
            "ca_policy": ExtensionPolicy.webpki_defaults_ca(),
            "ee_policy": ExtensionPolicy.permit_all().require_present(
                x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _for_clients
            ),
        }
        verifier = PolicyBuilder().store(self._store).time(at).extension_policies(**policies).build_client_verifier()
        try:
            verifier.verify(certificate, [])
        except VerificationError:
            return False
        return True


def _for_clients(_: Policy, __: x509.Certificate, usage: x509.ExtendedKeyUsage) -> None:
    """Raises `ValueError` for a certificate that is not meant for clients (RFC 5280, 4.2.1.12)."""
    if ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise ValueError("not for TLS clients")
