"""How a client may authenticate and which grants it may use: the words of RFC 7591, 2."""

from enum import StrEnum


class AuthMethod(StrEnum):
    """`token_endpoint_auth_method`."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    TLS = "tls_client_auth"
    """A certificate of an authority that we name, with the registered subject (RFC 8705, 2.1)."""
    SELF_SIGNED_TLS = "self_signed_tls_client_auth"
    """Exactly the registered certificate (RFC 8705, 2.2)."""
    NONE = "none"
    """A public client: it says who it is and proves nothing but PKCE."""


class Grant(StrEnum):
    """`grant_types`."""

    CLIENT_CREDENTIALS = "client_credentials"
    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant
