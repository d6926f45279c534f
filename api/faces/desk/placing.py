"""Where the stamp goes: on the page itself by hand or by keys, by numbers, over a text, or where a saved place is."""

import math
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.desk.consent import EACH_PAGE, PATH
from api.faces.desk.consent_pages import opened
from api.faces.desk.endings import refused_ending
from api.faces.desk.place_words import NOT_A_NUMBER, PLACE_REFUSALS, REFUSED_PLACE
from api.faces.desk.stamp_views import MM, Drawn, from_top, stamp_on
from api.faces.desk.visit import Visit, Visits, to
from api.pages.text import Text
from signer.activation import ActivationRequest
from signer.errors import ActivationRefused, Refused, StampRefused
from signer.model import SigningAct, StampPlacement
from signer.placing import SeenPlace

STAMP: Final = f"{PATH}/documents/{{position:int}}/stamp"
_FARTHEST: Final = 5_080.0  # millimetres; the largest page that readers show (ISO 32000-1, Annex C.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceForm:
    """One of the ways to name a place; lengths in millimetres from the left and upper edge, as people measure."""

    csrf: str = ""
    way: str = ""
    page: str = ""
    left: str = ""
    top: str = ""
    width: str = ""
    tag: str = ""
    occurrence: str = ""
    box: str = ""
    keep: str = ""


class PlacingController(Controller):
    """For the browser that opened the request; for everybody else it is not there."""

    include_in_schema = False

    @get(STAMP, sync_to_thread=True)
    def show(
        self, visit: Visits, link: FromPath[str], position: FromPath[int], page: FromQuery[int | None] = None
    ) -> Response[Any]:
        """One page of the document with the stamp on it."""
        return shown(visit, link, opened(visit, link), position, page=page)

    @post(STAMP, status_code=200, sync_to_thread=True)
    def place(
        self, visit: Visits, link: FromPath[str], position: FromPath[int], data: URLEncodedBody[PlaceForm]
    ) -> Response[Any]:
        """Moved, and back to the page where it is checked; or the form again with what was not right."""
        person = visit.own(data.csrf)
        asked = opened(visit, link)
        page = _whole(data.page)
        try:
            wanted = _wanted(visit, asked, position, data)
            visit.doors.placing.place(
                link,
                position,
                wanted,
                session=person.id,
                signatory_id=person.signatory_id or "",
                keep=bool(data.keep),
            )
        except ValueError:
            return shown(visit, link, asked, position, page=page, error=NOT_A_NUMBER)
        except ActivationRefused as refused:
            if refused.reason not in PLACE_REFUSALS:
                return refused_ending(visit, refused, visit.doors.approvals.behind(link))
            return shown(visit, link, opened(visit, link), position, page=page, error=PLACE_REFUSALS[refused.reason])
        except Refused as refused:
            error = PLACE_REFUSALS.get(refused.reason, REFUSED_PLACE)
            return shown(visit, link, asked, position, page=page, error=error, form=data)
        part = (position - 1) // EACH_PAGE + 1
        return to(f"/desk/a/{link}?page={part}#document-{position}")


def shown(
    visit: Visit,
    link: str,
    asked: ActivationRequest,
    position: int,
    *,
    page: int | None,
    error: Text | None = None,
    form: PlaceForm | None = None,
) -> Response[Any]:
    """The page; 404 where there is no such stamp."""
    listed = asked.document(position)
    try:
        seen = visit.doors.placing.look(asked, position, page=page)
    except StampRefused:
        seen = None  # the document is not what it was when the request was made; its consent says so
    if listed is None or seen is None:
        raise HTTPException(status_code=404)
    stamp = listed.stamp
    return visit.show(
        "placing.html",
        error=error,
        link=link,
        document=listed,
        initials=listed.wish.act is SigningAct.INITIALS,
        seen=seen,
        drawn=_proposed(seen, form),
        others=[from_top(box, seen.size[1]) for box in seen.others],
        tag=form.tag if form is not None else (stamp.tag or "" if stamp is not None else ""),
        part=(position - 1) // EACH_PAGE + 1,
        mm=MM,
    )


def _proposed(seen: SeenPlace, form: PlaceForm | None) -> Drawn:
    """Where it is; where somebody just wanted it; on another page than its own the same place, moved onto it."""
    drawn = stamp_on(seen)
    if form is not None and form.way == "position":
        left, top, width = _length(form.left), _length(form.top), _length(form.width)
        drawn = Drawn(x=left, y=top, width=width, height=width * seen.drawing[1] / seen.drawing[0])
    across, up = seen.size
    width, height = min(drawn.width, across), min(drawn.height, up)
    x, y = max(0.0, min(drawn.x, across - width)), max(0.0, min(drawn.y, up - height))
    return Drawn(x=x, y=y, width=width, height=height)


def _wanted(visit: Visit, asked: ActivationRequest, position: int, form: PlaceForm) -> StampPlacement | None:
    """What the form names; raises `ValueError` for what is no number, `StampRefused` where there is no own place."""
    match form.way:
        case "position":
            return _position(visit, asked, position, form)
        case "tag":
            return StampPlacement(tag=form.tag, occurrence=int(form.occurrence) if form.occurrence.strip() else None)
        case "box":
            return StampPlacement(box=form.box)
        case "own":
            own = visit.doors.placing.own(asked, position)
            if own is None:
                raise StampRefused("You keep no place for such a letter.", field="stamp.box", reason="no-such-box")
            return own
        case "asked":
            return None
        case _:
            raise ValueError("no such way")


def _position(visit: Visit, asked: ActivationRequest, position: int, form: PlaceForm) -> StampPlacement | None:
    page = int(form.page)
    seen = visit.doors.placing.look(asked, position, page=page)
    if seen is None:
        raise ValueError("no such stamp")
    left, top, width = _length(form.left), _length(form.top), _length(form.width)
    height = width * seen.drawing[1] / seen.drawing[0]
    x, y = _on_page(left, width, seen.size[0]), seen.size[1] - _on_page(top, height, seen.size[1]) - height
    return StampPlacement(page=page, x=x, y=y, width=width, height=height)


def _on_page(start: float, length: float, most: float) -> float:
    """Less than a millimetre beyond the edge is a rounded number of the form itself."""
    return max(0.0, most - length) if 0 < start + length - most < MM else start


def _length(text: str) -> float:
    """Points of so many millimetres, 0 to `_FARTHEST`, with a comma or a point; raises `ValueError`."""
    number = float(text.strip().replace(",", "."))
    if not (math.isfinite(number) and 0 <= number <= _FARTHEST):
        raise ValueError("out of bounds")
    return number * MM


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
