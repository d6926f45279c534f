"""The PKI's addresses as their part of the OpenAPI document."""

from typing import Final

from api.contract_words import BINARY, Part, answer, path_parameter, problems
from api.faces.pki import ocsp, publications, tsa
from api.problems import (
    BODY_TOO_LARGE,
    INVALID_REQUEST,
    NOT_FOUND,
    RATE_EXCEEDED,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
    URI_TOO_LONG,
)

_ALWAYS: Final = (RATE_EXCEEDED, UNEXPECTED)
_KEPT: Final = {"ETag": "SHA-256 of the content.", "Last-Modified": "Since when it is so.", "Cache-Control": "Life."}


def _binary(media_type: str) -> Part:
    return {media_type: {"schema": BINARY}}


def _published(operation_id: str, summary: str, media_type: str, parameter: Part) -> Part:
    return {
        "get": {
            "operationId": operation_id,
            "tags": ["pki"],
            "summary": summary,
            "security": [],
            "parameters": [parameter],
            "responses": {
                "200": answer("DER", _binary(media_type), _KEPT),
                "304": answer("You have it already"),
                **problems(NOT_FOUND, *_ALWAYS),
            },
        }
    }


def _asked(operation_id: str, summary: str, question: str, reply: str) -> Part:
    return {
        "post": {
            "operationId": operation_id,
            "tags": ["pki"],
            "summary": summary,
            "security": [],
            "requestBody": {"required": True, "content": _binary(question)},
            "responses": {
                "200": answer("An answer of the protocol, its own errors included", _binary(reply)),
                **problems(INVALID_REQUEST, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, *_ALWAYS),
            },
        }
    }


_BY_GET: Final = _published(
    "AskOcspByGet",
    "Status of a certificate (RFC 6960), in the address",
    ocsp.ANSWER,
    path_parameter("encoded", "The OCSPRequest in base64, percent-encoded.", "MFEwTzBNMEswSTAJBgUrDgMCGgUABBQ"),
)
_BY_GET["get"]["responses"] |= problems(URI_TOO_LONG)

PATHS: Final[dict[str, Part]] = {
    "/pki/crl/{file}": _published(
        "GetCrl",
        "The current CRL of an issuer",
        publications.CRL,
        path_parameter("file", "`<issuer>.crl`", "ca-1-g1.crl"),
    ),
    "/pki/certificates/{file}": _published(
        "GetCaCertificate",
        "The certificate of a CA",
        publications.CERTIFICATE,
        path_parameter("file", "`<id>.cer`", "ca-1-g1.cer"),
    ),
    "/pki/ocsp": _asked("AskOcsp", "Status of certificates (RFC 6960)", ocsp.REQUEST, ocsp.ANSWER),
    "/pki/ocsp/{encoded}": _BY_GET,
    "/pki/tsa": _asked("Timestamp", "A timestamp over a digest (RFC 3161)", tsa.QUERY, tsa.REPLY),
}
