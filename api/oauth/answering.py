"""The address to which an answer of the authorization endpoint goes (RFC 6749, 4.1.2; RFC 9207)."""

from urllib.parse import quote, urlencode

from api.oauth.asking import Destination
from api.oauth.refusals import OAuthRefused


def answered(to: Destination, issuer: str, **told: str) -> str:
    """The redirect URI with `told`, the client's own `state` unchanged, and who answers; its own query is kept."""
    added = {**told, **({} if to.state is None else {"state": to.state}), "iss": issuer}
    joint = "&" if "?" in to.redirect_uri else "?"
    return f"{to.redirect_uri}{joint}{urlencode(added, quote_via=quote)}"


def refused(to: Destination, issuer: str, error: OAuthRefused) -> str:
    """The same, with an error."""
    return answered(to, issuer, error=error.error, error_description=error.description)
