"""One error of OAuth 2.0 (RFC 6749, 5.2), whichever endpoint finds it."""

from typing import Final

from litestar.exceptions import HTTPException

_STATUS: Final = {"invalid_client": 401}


class OAuthError(HTTPException):
    """One error of section 5.2; the description is safe to show."""

    def __init__(self, error: str, description: str, *, challenge: str | None = None) -> None:
        headers = {} if challenge is None else {"WWW-Authenticate": challenge}
        super().__init__(detail=description, status_code=_STATUS.get(error, 400), headers=headers)
        self.error = error
