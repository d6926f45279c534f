"""What the authorization server answers where it refuses.

OAuthRefused            an error code of RFC 6749, 5.2 or 4.1.2.1, and a description that is safe to show
NoRedirect              nobody to redirect to: the person reads a page (RFC 6749, 4.1.2.1)
"""


class OAuthRefused(Exception):
    """`error`: the code of the standard; `description`: which parameter, in the specification's words, no value."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class NoRedirect(Exception):
    """`reason`: a stable word. Whoever asked may not be who it says, so nothing is sent anywhere."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
