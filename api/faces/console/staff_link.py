"""A one-time link: its person chooses a password and is in, to add a second factor. Nobody else ever sees a secret.

The token in the address is the only secret, so the form needs no other proof that it is ours.
"""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath, URLEncodedBody

from api.faces.console.visit import OWN, Visit, Visits, to
from api.faces.console.wording import NOT_ALIKE, WEAK
from api.pages.text import Text
from signer.errors import LinkRefused, PassphraseTooWeak
from signer.model import Secret
from signer.passphrase import MAX_LENGTH

_PATH: Final = "/staff/{token:str}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordForm:
    """A new password, twice."""

    csrf: str = ""
    password: str = ""
    again: str = ""

    def __repr__(self) -> str:
        return "PasswordForm(***)"


class StaffLinkController(Controller):
    """Looking uses nothing up: mail programs look at links before people do."""

    include_in_schema = False

    @get(_PATH, sync_to_thread=True)
    def ask(self, visit: Visits, token: FromPath[str]) -> Response[Any]:
        """For whom it is; dead, used and never-made links look alike."""
        return _page(visit, token)

    @post(_PATH, status_code=200, sync_to_thread=True)
    def answer(self, visit: Visits, token: FromPath[str], data: URLEncodedBody[PasswordForm]) -> Response[Any]:
        """In; whatever logged in before is good no more."""
        accounts, logins = visit.doors.people.accounts, visit.doors.logins
        try:
            who = accounts.behind(token)
            if (wrong := unlike(data)) is not None:
                return _page(visit, token, error=wrong)
            password = logins.hashed(Secret(data.password), own_words=(who.name, who.id))
            accounts.enter(token, password)
        except LinkRefused:
            return _page(visit, token)
        except PassphraseTooWeak as weak:
            return _page(visit, token, error=WEAK[weak.reason])
        return visit.browser.keep(logins.enter(who.id), to(OWN))


def unlike(form: PasswordForm) -> Text | None:
    """What is wrong where the two passwords differ."""
    return None if form.password == form.again else NOT_ALIKE


def _page(visit: Visit, token: str, *, error: Text | None = None) -> Response[Any]:
    try:
        member = visit.doors.people.accounts.behind(token)
    except LinkRefused:
        return visit.show("dead_link.html", status=404)
    return visit.show("staff_link.html", error=error, member=member, most=MAX_LENGTH)
