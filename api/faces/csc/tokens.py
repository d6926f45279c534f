"""`auth/revoke` (1.0.4.0, 11.3; 2.0.0.2, 11.3): a token of the same client, of whichever kind."""

from typing import Final

from api.faces.csc.asked import Asked
from api.faces.csc.errors import bad_value, invalid

_HINTS: Final = (None, "access_token", "refresh_token")


def revoke(asked: Asked) -> None:
    """It is good no more; unknown, dead and another client's are alike."""
    if asked.values["token_type_hint"] not in _HINTS:
        raise bad_value("token_type_hint")
    if not asked.services.revoke(asked.text("token"), asked.caller.client_id):
        raise invalid("Invalid string parameter token")
