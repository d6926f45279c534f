"""What surrounds a signature, as its part of the OpenAPI document."""

from typing import Any, Final

import signer.errors
from api.contract_words import Part, answer, problems, ref
from api.faces.rest.kinds import KindsBody
from api.permissions import Permission
from api.problems import PROBLEMS, RATE_EXCEEDED, SCOPE_MISSING, UNAUTHENTICATED, UNEXPECTED

_JSON: Final = "application/json"
_ALWAYS: Final = (UNAUTHENTICATED, SCOPE_MISSING, PROBLEMS[signer.errors.Unavailable], RATE_EXCEEDED, UNEXPECTED)


def _json(name: str, example: Any = None) -> Part:
    return {_JSON: {"schema": ref(name)} | ({} if example is None else {"example": example})}


def _secured(permission: Permission) -> list[Part]:
    return [{"oauth2": [str(permission)]}]


PATHS: Final[dict[str, Part]] = {
    "/v1/kinds": {
        "get": {
            "operationId": "ListKinds",
            "tags": ["kinds"],
            "summary": "Kinds of letters that you cannot have signed electronically",
            "description": (
                "A signing whose `letter.kind` falls under one of them is refused with 403, `kind-refused`, before the "
                "passphrase is tried or counted. Case, spaces, dots and dashes do not matter."
            ),
            "security": _secured(Permission.SIGNATURE_CREATE),
            "responses": {
                "200": answer(
                    "The lists that hold for you",
                    _json(
                        "KindsBody",
                        {
                            "lists": [
                                {
                                    "name": "dikecualikan-2021",
                                    "version": 1,
                                    "author": "Teken",
                                    "date": "2026-11-21",
                                    "says": "Semua surat ditandatangani secara elektronik, kecuali surat keputusan.",
                                    "kinds": [{"name": "surat keputusan", "spellings": ["SK", "SK *"]}],
                                }
                            ]
                        },
                    ),
                ),
                **problems(*_ALWAYS),
            },
        }
    },
}

BODIES: Final[tuple[type, ...]] = (KindsBody,)
