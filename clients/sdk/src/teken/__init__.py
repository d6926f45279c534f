"""Client of Teken, the electronic signature and verification service. See `Teken` and `AsyncTeken`."""

from teken.client import VERSION, AsyncTeken, Teken, Timeouts
from teken.core.retries import Retries
from teken.errors import (
    AnswerUnreadable,
    Conflict,
    Forbidden,
    NotConsented,
    NotFound,
    RateLimited,
    Refused,
    TekenError,
    TookTooLong,
    Unauthorised,
    Unavailable,
    WebhookRefused,
)
from teken.groups.activations import Wanted, codes_of
from teken.groups.service import Health
from teken.groups.signatures import Saved, Signed
from teken.login import ClientSecret, Login, PrivateKeyJwt
from teken.webhooks import verify_webhook

__version__ = VERSION

__all__ = [
    "AnswerUnreadable",
    "AsyncTeken",
    "ClientSecret",
    "Conflict",
    "Forbidden",
    "Health",
    "Login",
    "NotConsented",
    "NotFound",
    "PrivateKeyJwt",
    "RateLimited",
    "Refused",
    "Retries",
    "Saved",
    "Signed",
    "Teken",
    "TekenError",
    "Timeouts",
    "TookTooLong",
    "Unauthorised",
    "Unavailable",
    "Wanted",
    "WebhookRefused",
    "codes_of",
    "verify_webhook",
]
