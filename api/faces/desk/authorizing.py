"""`/oauth2/authorize` and its pages: login, then what an application asks for, then yes or no, then the way back.

What is shown comes from the stored transaction, never from a form. After a form the way back leads over a page of ours:
browsers hold the redirect that follows a form to `form-action` (CSP Level 3, 6.4.1).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Controller, Request, Response, get, post
from litestar.exceptions import MethodNotAllowedException
from litestar.params import FromPath, URLEncodedBody

from api.faces.desk.asked import Opened, approved, code_of, failed, logged_in, may_pass, passed, sent_at_once, shown
from api.faces.desk.consent import ConsentForm
from api.faces.desk.endings import ending
from api.faces.desk.signing_in import SignInForm, signed_in
from api.faces.desk.visit import Visit, Visits, to
from api.framing import HEAD
from api.oauth.asking import LONGEST_URL
from api.oauth.authorizing import Received, SendTo
from api.oauth.refusals import NoRedirect, OAuthRefused
from signer.errors import ActivationRefused
from signer.factors.model import SignedInBy

PATH: Final = "/desk/o/{transaction_id:str}"
_MOST_PARAMETERS: Final = 60
_NO: Final = OAuthRefused("access_denied", "The signatory refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceForm:
    """Which of several credentials."""

    csrf: str = ""
    credential: str = ""


class AuthorizeController(Controller):
    """One transaction, for the browser that opened it."""

    include_in_schema = False

    @get("/oauth2/authorize", sync_to_thread=True)
    def authorize(self, request: Request[Any, Any, Any], visit: Visits) -> Response[Any]:
        """Judged before anybody is asked anything; a person who has consented before goes on at once.

        HEAD begins nothing: who only looks gets neither a transaction nor a code (RFC 9110, 9.2.1).
        """
        if request.scope.get("state", {}).get(HEAD):
            raise MethodNotAllowedException(headers={"Allow": "GET"})
        query = request.scope["query_string"]
        if len(query) > LONGEST_URL:
            return ending(visit, "too-long")
        try:
            pairs = parse_qsl(query.decode("ascii"), max_num_fields=_MOST_PARAMETERS, errors="strict")
            received = visit.doors.authorizing.receive(pairs)
            return sent_at_once(received) if isinstance(received, SendTo) else _begun(visit, received)
        except NoRedirect as refused:
            return ending(visit, refused.reason)
        except ValueError:  # no text, or far too many parameters
            return ending(visit, "client")

    @get(PATH, sync_to_thread=True)
    def show(self, visit: Visits, transaction_id: FromPath[str]) -> Response[Any]:
        """What is asked; before a login nobody learns what."""
        return _for(visit, transaction_id, lambda opened: shown(visit, opened))

    @post(f"{PATH}/sign-in", status_code=200, sync_to_thread=True)
    def sign_in(self, visit: Visits, transaction_id: FromPath[str], data: URLEncodedBody[SignInForm]) -> Response[Any]:
        """In, and on."""

        def act(opened: Opened) -> Response[Any]:
            return signed_in(
                visit,
                data,
                target=f"{opened.path}/sign-in",
                after=opened.path,
                code_of=code_of(visit, opened),
                began=lambda session: visit.doors.authorizing.rebind(opened.transaction, session=session.id),
            )

        return _for(visit, transaction_id, act)

    @post(f"{PATH}/choose", status_code=200, sync_to_thread=True)
    def choose(self, visit: Visits, transaction_id: FromPath[str], data: URLEncodedBody[ChoiceForm]) -> Response[Any]:
        """With which credential."""

        def act(opened: Opened) -> Response[Any]:
            try:
                visit.doors.authorizing.put_before(
                    opened.transaction,
                    opened.request,
                    user_id=logged_in(visit, opened).signatory_id or "",
                    credential_id=data.credential,
                )
            except OAuthRefused:
                return shown(visit, opened)
            return to(opened.path)

        visit.own(data.csrf)
        return _for(visit, transaction_id, act)

    @post(f"{PATH}/approve", status_code=200, sync_to_thread=True)
    def approve(self, visit: Visits, transaction_id: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """Yes."""
        visit.own(data.csrf)
        return _for(visit, transaction_id, lambda opened: approved(visit, opened, data))

    @post(f"{PATH}/refuse", status_code=200, sync_to_thread=True)
    def refuse(self, visit: Visits, transaction_id: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """No, as easily as yes."""

        def act(opened: Opened) -> Response[Any]:
            person, request_id = logged_in(visit, opened), opened.transaction.request_id
            if request_id is not None:
                with suppress(ActivationRefused):  # its time may be over before that of the transaction
                    whose = person.signatory_id or ""
                    visit.doors.approvals.deny(request_id, session=person.id, signatory_id=whose)
            return failed(visit, opened, _NO)

        visit.own(data.csrf)
        return _for(visit, transaction_id, act)


def _begun(visit: Visit, received: Received) -> Response[Any]:
    """Bound to this browser; one that was never here gets a session of nobody yet."""
    browser, authorizing = visit.browser, visit.doors.authorizing
    known, new = browser.session, None
    if known is None:
        new = visit.doors.logins.begin(None, SignedInBy.NOBODY)
        known = new.session
    transaction = authorizing.begin(received, session=known.id)
    opened = Opened(transaction=transaction, request=received.request)
    if may_pass(visit, opened):
        return passed(visit, opened, sent_at_once)
    answer = to(opened.path)
    return browser.keep(new, answer) if new is not None else answer


def _for(visit: Visit, transaction_id: str, act: Callable[[Opened], Response[Any]]) -> Response[Any]:
    """`act` for a transaction of this browser that can be decided; what else there is ends on a page."""
    authorizing, session = visit.doors.authorizing, visit.browser.session
    found = authorizing.find(transaction_id, session=None if session is None else session.id)
    if found is None:
        return ending(visit, "unknown")
    if not authorizing.is_open(found):
        return ending(visit, "over")
    try:
        opened = Opened(transaction=found, request=authorizing.request_of(found))
    except (NoRedirect, OAuthRefused):  # the client's registration has changed
        return ending(visit, "client")
    return act(opened)
