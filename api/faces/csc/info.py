"""`info` (1.0.4.0, 11.1; 2.0.0.2, 11.1): what the service is and does, told to everybody."""

from typing import Any, Final

from api.faces.csc.algorithms import ECDSA_SHA256
from api.faces.csc.asked import Asked
from api.faces.csc.fields import Face
from api.static.files import asset

SPECS: Final = {Face.V1: "1.0.4.0", Face.V2: "2.2.0.0"}
"""The version of the second is the one of its additions: a published client takes no other."""

_DESCRIPTION: Final = {
    "id": "Tanda tangan elektronik jarak jauh untuk pejabat dan segel elektronik untuk instansi",
    "en": "Remote signatures of officials, and seals of organisations",
}


def info(asked: Asked, methods: tuple[str, ...]) -> dict[str, Any]:
    """The answer; `methods`: what this face offers at this moment."""
    services, settings = asked.services, asked.services.settings
    told: dict[str, Any] = {
        "specs": SPECS[asked.face],
        "name": settings.name or services.organisation,
        "logo": settings.logo or f"{services.issuer}{asset('mark.png')}",
        "region": settings.region,
        "lang": asked.language,
        "description": _DESCRIPTION[asked.language],
        "authType": [
            "oauth2code",
            "oauth2client",
            *(["basic"] if services.logins is not None else []),
            *(["TLS"] if services.tls else []),
        ],
        "oauth2": services.issuer,
        "methods": list(methods),
    }
    if asked.face is Face.V1:
        return told
    higher = ("Ades-B-T", "Ades-B-LT", "Ades-B-LTA") if services.stamps_signatures else ()
    return told | {
        "asynchronousOperationMode": False,
        "validationInfo": True,
        "signAlgorithms": {"algos": [ECDSA_SHA256], "algoParams": []},
        "signature_formats": {"formats": ["P"], "envelope_properties": [["Certification", "Revision"]]},
        "conformance_levels": ["Ades-B-B", *higher],
        "supportedHashTypes": list(settings.supported_hash_types),
        "supportsRar": True,
    }
