"""`/pki/crl/…` and `/pki/certificates/…`: served as they are stored, never built in a request."""

from typing import Any, Final

from cryptography import x509
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from api.faces.pki.caching import conditional, seconds_left
from api.problems import NOT_FOUND, RequestRefused
from api.services import Services

CRL: Final = "application/pkix-crl"
CERTIFICATE: Final = "application/pkix-cert"
_DAY: Final = 86_400


class PublicationController(Controller):
    """What the CDP and AIA addresses in our certificates lead to (RFC 5280, 4.2.1.13 and 4.2.2.1)."""

    path = "/pki"

    @get("/crl/{file:str}", operation_id="GetCrl", sync_to_thread=True)
    def crl(
        self,
        request: Request[Any, Any, Any],
        services: NamedDependency[SkipValidation[Services]],
        file: FromPath[str],
    ) -> Response[Any]:
        """The current CRL of one of our issuers, DER."""
        issuer_id = _stem(file, ".crl")
        crl = services.crls.current(issuer_id) if issuer_id in services.certificates else None
        if crl is None:
            raise RequestRefused(NOT_FOUND, "No such issuer publishes here.", field="issuer", reason="unknown")
        age = seconds_left(crl.next_update, services.now())
        return conditional(
            request.headers,
            crl.der,
            media_type=CRL,
            headers={"Cache-Control": f"public, max-age={age}"},
            modified=crl.this_update,
        )

    @get("/certificates/{file:str}", operation_id="GetCaCertificate", sync_to_thread=False)
    def certificate(
        self,
        request: Request[Any, Any, Any],
        services: NamedDependency[SkipValidation[Services]],
        file: FromPath[str],
    ) -> Response[Any]:
        """The certificate of one of our CAs, DER."""
        der = services.certificates.get(_stem(file, ".cer"))
        if der is None:
            raise RequestRefused(NOT_FOUND, "No such certificate is published here.", field="id", reason="unknown")
        return conditional(
            request.headers,
            der,
            media_type=CERTIFICATE,
            headers={"Cache-Control": f"public, max-age={_DAY}"},
            modified=x509.load_der_x509_certificate(der).not_valid_before_utc,
        )


def _stem(file: str, suffix: str) -> str:
    """The name before `suffix`; empty, so known to nobody, where the suffix is another one."""
    return file.removesuffix(suffix) if file.endswith(suffix) else ""
