"""The consent page: what is signed, for whom, how many; then the factors, and nothing in between."""

import re
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from api.faces.desk.browser import Browser
from api.faces.desk.ports import DeskDoors
from api.faces.desk.signing_in import Doors, Shown, SignInForm, sign_in_page, signed_in
from api.faces.desk.wording import ENDINGS, NOT_PROVEN
from api.pages.moments import in_words
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND, Rendering
from api.pages.text import Text
from signer.activation import ActivationRequest, ActivationState, fingerprint
from signer.errors import ActivationRefused, CredentialUnusable, FactorRefused
from signer.factors.model import FactorKind, PasskeyProof, Session, TotpProof
from signer.model import Secret

_PATH: Final = "/desk/a/{link:str}"
_PICTURE: Final = re.compile(r"([1-9]\d{0,3})\.webp")
_STATUS: Final = {"unknown": 404, "other-session": 409, "incomplete": 409}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentForm:
    """What the page sends; what is signed is not among it."""

    csrf: str = ""
    passphrase: str = ""
    code: str = ""
    assertion: str = ""

    def __repr__(self) -> str:
        return "ConsentForm(***)"


class ConsentController(Controller):
    """One request of a client, for the one person it is for."""

    include_in_schema = False

    @get(_PATH, sync_to_thread=True)
    def show(self, request: Request[Any, Any, Any], link: FromPath[str], doors: Doors, pages: Shown) -> Response[Any]:
        """The request, after a login; before it nobody learns what it is about."""
        person = Browser(request, doors.logins, doors.settings).person
        asked = doors.approvals.behind(link)
        if asked is None:
            return _ending(pages, "unknown")
        if person is None or person.signatory_id != asked.signatory_id:
            return sign_in_page(request, doors, pages, target=f"/desk/a/{link}/sign-in", with_code=True)
        return _shown(request, link, person, doors, pages)

    @post(f"{_PATH}/sign-in", status_code=200, sync_to_thread=True)
    def sign_in(
        self,
        request: Request[Any, Any, Any],
        link: FromPath[str],
        data: URLEncodedBody[SignInForm],
        doors: Doors,
        pages: Shown,
    ) -> Response[Any]:
        """In, and back to the request."""
        asked = doors.approvals.behind(link)
        if asked is None:
            return _ending(pages, "unknown")
        target, after = f"/desk/a/{link}/sign-in", f"/desk/a/{link}"
        return signed_in(request, doors, pages, data, target=target, after=after, signatory_id=asked.signatory_id)

    @post(f"{_PATH}/approve", status_code=200, sync_to_thread=True)
    def approve(
        self,
        request: Request[Any, Any, Any],
        link: FromPath[str],
        data: URLEncodedBody[ConsentForm],
        doors: Doors,
        pages: Shown,
    ) -> Response[Any]:
        """Yes: it is signed before the answer goes out."""
        person = _own(request, data.csrf, doors)
        proof = PasskeyProof(assertion=data.assertion) if data.assertion else TotpProof(code=Secret(data.code))
        try:
            doors.approvals.approve(
                link, Secret(data.passphrase), proof, session=person.id, signatory_id=person.signatory_id or ""
            )
        except FactorRefused:
            return _shown(request, link, person, doors, pages, error=NOT_PROVEN)
        except CredentialUnusable:
            return _shown(request, link, person, doors, pages)
        except ActivationRefused as refused:
            return _refused(pages, refused, doors.approvals.behind(link))
        return Redirect(f"/desk/a/{link}", status_code=303, headers={"Cache-Control": "no-store"})

    @post(f"{_PATH}/refuse", status_code=200, sync_to_thread=True)
    def refuse(
        self,
        request: Request[Any, Any, Any],
        link: FromPath[str],
        data: URLEncodedBody[ConsentForm],
        doors: Doors,
        pages: Shown,
    ) -> Response[Any]:
        """No, as easily as yes."""
        person = _own(request, data.csrf, doors)
        try:
            doors.approvals.deny(link, session=person.id, signatory_id=person.signatory_id or "")
        except ActivationRefused as refused:
            return _refused(pages, refused, doors.approvals.behind(link))
        return Redirect(f"/desk/a/{link}", status_code=303, headers={"Cache-Control": "no-store"})

    @get(f"{_PATH}/documents/{{position:int}}", sync_to_thread=True)
    def inspect(
        self,
        request: Request[Any, Any, Any],
        link: FromPath[str],
        position: FromPath[int],
        doors: Doors,
        pages: Shown,
    ) -> Response[Any]:
        """Every page of one document."""
        asked, _ = _opened(request, link, doors)
        listed = asked.document(position)
        if listed is None:
            raise HTTPException(status_code=404)
        return pages.show(
            "document.html",
            headers=NEITHER_KEPT_NOR_FOUND,
            link=link,
            document=listed,
            digest=fingerprint(listed.digest),
        )

    @get(f"{_PATH}/documents/{{position:int}}/pages/{{picture:str}}", sync_to_thread=True)
    def page_image(
        self,
        request: Request[Any, Any, Any],
        link: FromPath[str],
        position: FromPath[int],
        picture: FromPath[str],
        doors: Doors,
    ) -> Response[bytes]:
        """`{n}.webp`: one page, drawn where a stranger's file can do no harm."""
        asked, _ = _opened(request, link, doors)
        found, number = doors.approvals.document(asked, position), _PICTURE.fullmatch(picture)
        if found is None or number is None or int(number[1]) > (found[0].pages or 0):
            raise HTTPException(status_code=404)
        image = doors.picture(found[1], int(number[1]))
        return Response(image, media_type="image/webp", headers=NEITHER_KEPT_NOR_FOUND)


def _own(request: Request[Any, Any, Any], csrf: str, doors: DeskDoors) -> Session:
    """Whose form this is; 403 for a form of another page, and without a login."""
    browser = Browser(request, doors.logins, doors.settings)
    browser.require_own(csrf)
    if browser.person is None:
        raise HTTPException(status_code=403, detail="not logged in")
    return browser.person


def _opened(request: Request[Any, Any, Any], link: str, doors: DeskDoors) -> tuple[ActivationRequest, Session]:
    """The request in the browser that opened it; 404 for everybody else."""
    person = Browser(request, doors.logins, doors.settings).person
    asked = doors.approvals.behind(link)
    if person is None or asked is None or asked.session != person.id or asked.signatory_id != person.signatory_id:
        raise HTTPException(status_code=404)
    return asked, person


def _shown(
    request: Request[Any, Any, Any],
    link: str,
    person: Session,
    doors: DeskDoors,
    pages: Rendering,
    *,
    error: Text | None = None,
) -> Response[Any]:
    """What is asked, from what is stored; or how it ended."""
    try:
        asked = doors.approvals.open(link, session=person.id, signatory_id=person.signatory_id or "")
    except ActivationRefused as refused:
        return _refused(pages, refused, doors.approvals.behind(link))
    if asked.state is not ActivationState.PENDING:
        return _ending(pages, asked.state.value, asked)
    official = doors.official(asked.signatory_id)
    usable = doors.factors.held(person).usable
    offset = doors.settings.utc_offset_hours
    return pages.show(
        "consent.html",
        status=200 if error is None else 422,
        headers=NEITHER_KEPT_NOR_FOUND,
        link=link,
        csrf=Browser(request, doors.logins, doors.settings).csrf,
        client=doors.client_name(asked.client_id),
        who=official.signatory if official else None,
        documents=[(each, fingerprint(each.digest)) for each in asked.documents],
        until=in_words(asked.expires_at, utc_offset_hours=offset),
        may_sign=doors.may_sign(asked),
        with_code=FactorKind.TOTP in usable,
        options=doors.request_options(asked) if FactorKind.PASSKEY in usable else None,
        error=error,
    )


def _refused(pages: Rendering, refused: ActivationRefused, asked: ActivationRequest | None) -> Response[Any]:
    if refused.reason == "not-open":
        state = "expired" if asked is None or asked.state is ActivationState.PENDING else asked.state.value
        return _ending(pages, state)
    return _ending(pages, refused.reason)


def _ending(pages: Rendering, word: str, asked: ActivationRequest | None = None) -> Response[Any]:
    title, sentence, tone, icon = ENDINGS[word]
    return pages.show(
        "ending.html",
        status=_STATUS.get(word, 200),
        headers=NEITHER_KEPT_NOR_FOUND,
        title=title,
        sentence=sentence,
        tone=tone,
        icon_name=icon,
        documents=() if asked is None or word != "granted" else asked.documents,
    )
