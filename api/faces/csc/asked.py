"""One request as its method sees it."""

from dataclasses import dataclass
from typing import Final

from api.csc.ports import CscServices
from api.faces.csc.errors import bad_value, missing
from api.faces.csc.fields import Face, Values
from signer.model import Secret
from signer.remote_model import Caller

_MOST_RANGES: Final = 20
LANGUAGES: Final = ("id", "en")
"""The first one is spoken where nobody asked for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Where a request comes from, for the one method that comes before a token."""

    authorization: tuple[str, ...]
    """Its headers of that name."""
    address: str | None
    network: str
    """What failures are counted by."""

    def __repr__(self) -> str:
        return f"Sender(address={self.address!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came, after bearer and fields were read."""

    face: Face
    values: Values
    services: CscServices
    language: str
    """One of `LANGUAGES`."""
    bearer: Secret
    """The text of the access token; empty where none is needed."""
    by: Caller | None
    sender: Sender

    @property
    def caller(self) -> Caller:
        """Who calls; only where the method needs a bearer."""
        if self.by is None:
            raise LookupError("this method has no caller")
        return self.by

    def text(self, name: str) -> str:
        """A field that is required, so it is there."""
        return str(self.values[name])

    def sad(self) -> Secret:
        """The secret of the authorisation: the field, or the bearer itself where it is a credential token."""
        given = self.values["SAD"]
        if self.caller.authorisation is None:
            if given is None:
                raise missing("string", "SAD")
            return Secret(given)
        if given is not None and given != self.bearer.reveal():
            raise bad_value("SAD")
        return self.bearer


def language_of(asked: str | None, header: str | None) -> str:
    """The language of the answer: of `lang` (RFC 5646), else of `Accept-Language` (RFC 9110, 12.5.4), else ours."""
    ranges = [_weighed(each) for each in (header or "").split(",")[:_MOST_RANGES]]
    accepted = [tag for _, tag in sorted(ranges, key=lambda each: -each[0])]
    for tag in (asked or "", *accepted):
        primary = tag.strip().lower().partition("-")[0]
        if primary in LANGUAGES:
            return primary
    return LANGUAGES[0]


def _weighed(item: str) -> tuple[float, str]:
    tag, _, parameter = item.partition(";")
    try:
        return float(parameter.strip().removeprefix("q=")) if parameter else 1.0, tag.strip()
    except ValueError:
        return 0.0, tag.strip()
