"""The consent page: what is signed, for whom, how many; then the factors, and nothing in between."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.desk.endings import ending, refused_ending
from api.faces.desk.signing_in import CodeOf, SignInForm, sign_in_page, signed_in
from api.faces.desk.stamp_views import Drawn, stamp_on
from api.faces.desk.visit import Visit, Visits, to
from api.faces.desk.wording import NOT_PROVEN, REFUSED_LIST
from api.pages.moments import in_words
from api.pages.text import Text
from signer.activation import ActivationKind, ActivationRequest, ActivationState, fingerprint, transaction_digest
from signer.activation_requests import LONGEST_REASON, link_hash
from signer.errors import ActivationRefused, BatchRefused, CredentialUnusable, FactorRefused, FlowRefused, QuotaExceeded
from signer.factors.model import FactorKind, PasskeyProof, Session, TotpProof
from signer.model import Secret
from signer.placing import SeenPlace, may_place

PATH: Final = "/desk/a/{link:str}"
EACH_PAGE: Final = 50
"""Documents of one page of a long list."""
PICTURED: Final = 10
"""Up to so many documents are shown with a picture of their first page; each can be looked at anyway."""
_FIRST: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentForm:
    """What the page sends; what is signed is not among it, but for the digest of what was shown."""

    csrf: str = ""
    passphrase: str = ""
    code: str = ""
    assertion: str = ""
    shown: str = ""
    reason: str = ""
    position: int = 0
    page: int = _FIRST

    def __repr__(self) -> str:
        return "ConsentForm(***)"


class ConsentController(Controller):
    """One request, for the one person it is for."""

    include_in_schema = False

    @get(PATH, sync_to_thread=True)
    def show(self, visit: Visits, link: FromPath[str], page: FromQuery[int] = _FIRST) -> Response[Any]:
        """The request, after a login; before it nobody learns what it is about."""
        person, asked = visit.person, behind(visit, link)
        if link_hash(link) is None and person is None:
            return to("/desk/sign-in")  # an id is no secret: it shows nothing, and lets nobody try codes
        if asked is None:
            return ending(visit, "unknown")
        if person is None or person.signatory_id != asked.signatory_id:
            if link_hash(link) is None:
                return ending(visit, "unknown")
            return sign_in_page(visit, target=f"/desk/a/{link}/sign-in", by_email=False)
        return shown(visit, link, person, page=page)

    @post(f"{PATH}/sign-in", status_code=200, sync_to_thread=True)
    def sign_in(self, visit: Visits, link: FromPath[str], data: URLEncodedBody[SignInForm]) -> Response[Any]:
        """In, and back to the request."""
        asked = behind(visit, link) if link_hash(link) is not None else None
        if asked is None:
            return ending(visit, "unknown")
        target, after = f"/desk/a/{link}/sign-in", f"/desk/a/{link}"
        return signed_in(visit, data, target=target, after=after, code_of=CodeOf(asked.signatory_id))

    @post(f"{PATH}/approve", status_code=200, sync_to_thread=True)
    def approve(self, visit: Visits, link: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """Yes: it is signed before the answer goes out."""
        proof = PasskeyProof(assertion=data.assertion) if data.assertion else TotpProof(code=Secret(data.code))

        def act(person: Session) -> object:
            return visit.doors.approvals.approve(
                link,
                Secret(data.passphrase),
                proof,
                shown=data.shown,
                session=person.id,
                signatory_id=person.signatory_id or "",
            )

        return _decided(visit, link, data, act)

    @post(f"{PATH}/refuse", status_code=200, sync_to_thread=True)
    def refuse(self, visit: Visits, link: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """No, as easily as yes; a step goes back with a reason."""

        def act(person: Session) -> object:
            return visit.doors.approvals.deny(
                link, session=person.id, signatory_id=person.signatory_id or "", reason=data.reason
            )

        return _decided(visit, link, data, act)

    @post(f"{PATH}/leave-out", status_code=200, sync_to_thread=True)
    def leave_out(self, visit: Visits, link: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """One document less."""
        return _chosen(visit, link, data, left_out=True)

    @post(f"{PATH}/take-in", status_code=200, sync_to_thread=True)
    def take_in(self, visit: Visits, link: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """And in again."""
        return _chosen(visit, link, data, left_out=False)


def behind(visit: Visit, link: str) -> ActivationRequest | None:
    """The request of a link; one for digests alone has its pages where its application sent the browser."""
    found = visit.doors.approvals.behind(link)
    return None if found is None or found.kind is ActivationKind.HASHES else found


def shown(visit: Visit, link: str, person: Session, *, page: int = _FIRST, error: Text | None = None) -> Response[Any]:
    """What is asked, from what is stored; or how it ended."""
    try:
        asked = visit.doors.approvals.open(link, session=person.id, signatory_id=person.signatory_id or "")
    except ActivationRefused as refused:
        return refused_ending(visit, refused, visit.doors.approvals.behind(link))
    if asked.state is not ActivationState.PENDING:
        return ending(visit, asked.state.value, asked, link=link)
    doors, usable = visit.doors, visit.doors.factors.held(person).usable
    official = doors.official(asked.signatory_id)
    pages = max(1, -(-len(asked.documents) // EACH_PAGE))
    page = min(max(page, 1), pages)
    start = (page - 1) * EACH_PAGE
    listed, pictured = asked.documents[start : start + EACH_PAGE], len(asked.documents) <= PICTURED
    return visit.show(
        "consent.html",
        error=error,
        link=link,
        asked=asked,
        shown=transaction_digest(asked).hex(),
        client=doors.client_name(asked.client_id),
        who=official.signatory if official else None,
        documents=[(each, fingerprint(each.digest)) for each in listed],
        pictured=pictured,
        placeable={each.position for each in listed if may_place(asked, each)},
        moved={each.position: _moved(visit, asked, each.position) for each in listed if pictured and each.placed},
        page=page,
        pages=pages,
        steps=[(each, _when(visit, each.done_at)) for each in _steps(visit, asked)],
        until=in_words(asked.expires_at, utc_offset_hours=doors.settings.utc_offset_hours),
        longest_reason=LONGEST_REASON,
        may_sign=doors.may_sign(asked),
        with_code=FactorKind.TOTP in usable,
        options=doors.request_options(asked) if FactorKind.PASSKEY in usable else None,
    )


def _moved(visit: Visit, asked: ActivationRequest, position: int) -> tuple[SeenPlace, Drawn] | None:
    """The page on which the person put the stamp."""
    seen = visit.doors.placing.look(asked, position)
    return None if seen is None else (seen, stamp_on(seen))


def _decided(visit: Visit, link: str, data: ConsentForm, act: Callable[[Session], object]) -> Response[Any]:
    """Done, and the page as it is then; or the form again with what was not right; or how it ended."""
    person = visit.own(data.csrf)
    if behind(visit, link) is None:
        return ending(visit, "unknown")
    try:
        act(person)
    except FactorRefused:
        return shown(visit, link, person, page=data.page, error=NOT_PROVEN)
    except (CredentialUnusable, QuotaExceeded, BatchRefused, FlowRefused) as refused:
        return shown(visit, link, person, page=data.page, error=REFUSED_LIST.get(refused.reason, REFUSED_LIST[""]))
    except ActivationRefused as refused:
        if refused.reason in REFUSED_LIST:
            return shown(visit, link, person, page=data.page, error=REFUSED_LIST[refused.reason])
        return refused_ending(visit, refused, visit.doors.approvals.behind(link))
    return to(f"/desk/a/{link}" if data.page == _FIRST else f"/desk/a/{link}?page={data.page}")


def _chosen(visit: Visit, link: str, data: ConsentForm, *, left_out: bool) -> Response[Any]:
    def act(person: Session) -> object:
        return visit.doors.approvals.choose(
            link, data.position, left_out=left_out, session=person.id, signatory_id=person.signatory_id or ""
        )

    return _decided(visit, link, data, act)


def _steps(visit: Visit, asked: ActivationRequest) -> Any:
    return visit.doors.steps(asked) if asked.kind is ActivationKind.STEP else ()


def _when(visit: Visit, at: Any) -> Text | None:
    return None if at is None else in_words(at, utc_offset_hours=visit.doors.settings.utc_offset_hours)
