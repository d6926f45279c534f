"""What the authorization server says of itself (RFC 8414, RFC 9207)."""

from collections.abc import Sequence
from typing import Any

from api.oauth.asking import SCOPES
from api.oauth.details import TYPES


def metadata(issuer: str, *, methods: Sequence[str], algorithms: Sequence[str] = ()) -> dict[str, Any]:
    """The document. `methods`: how clients may authenticate; `algorithms`: how they may sign assertions."""
    signing = {"token_endpoint_auth_signing_alg_values_supported": list(algorithms)} if algorithms else {}
    revoking = {"revocation_endpoint_auth_signing_alg_values_supported": list(algorithms)} if algorithms else {}
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth2/pushed_authorize",
        "require_pushed_authorization_requests": False,
        "revocation_endpoint": f"{issuer}/revoke",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "scopes_supported": list(SCOPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": list(methods),
        **signing,
        "revocation_endpoint_auth_methods_supported": list(methods),
        **revoking,
        "authorization_details_types_supported": list(TYPES),
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["id", "en"],
    }
