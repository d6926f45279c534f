"""What belongs to a request beside its decision: every page of a document, and what is asked again of a batch."""

import re
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody

from api.faces.desk.consent import EACH_PAGE, PATH, ConsentForm
from api.faces.desk.endings import progress
from api.faces.desk.stamp_views import stamp_on
from api.faces.desk.visit import Visit, Visits, to
from api.faces.desk.wording import REFUSED_LIST
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND
from signer.activation import ActivationRequest, fingerprint
from signer.errors import BatchRefused, CredentialUnusable

_PICTURE: Final = re.compile(r"([1-9]\d{0,3})\.webp")


class ConsentPagesController(Controller):
    """For the browser that opened the request; for everybody else it is not there."""

    include_in_schema = False

    @get(f"{PATH}/documents/{{position:int}}", sync_to_thread=True)
    def inspect(self, visit: Visits, link: FromPath[str], position: FromPath[int]) -> Response[Any]:
        """Every page of one document."""
        asked = opened(visit, link)
        listed = asked.document(position)
        if listed is None:
            raise HTTPException(status_code=404)
        seen = visit.doors.placing.look(asked, position)
        return visit.show(
            "document.html",
            link=link,
            document=listed,
            digest=fingerprint(listed.digest),
            seen=seen,
            drawn=None if seen is None else stamp_on(seen),
            page=(position - 1) // EACH_PAGE + 1,
        )

    @get(f"{PATH}/documents/{{position:int}}/pages/{{picture:str}}", sync_to_thread=True)
    def page_image(
        self, visit: Visits, link: FromPath[str], position: FromPath[int], picture: FromPath[str]
    ) -> Response[bytes]:
        """`{n}.webp`: one page, drawn where a stranger's file can do no harm."""
        asked = opened(visit, link)
        found, number = visit.doors.approvals.document(asked, position), _PICTURE.fullmatch(picture)
        if found is None or number is None or int(number[1]) > (found[0].pages or 0):
            raise HTTPException(status_code=404)
        image = visit.doors.picture(found[1], int(number[1]))
        return Response(image, media_type="image/webp", headers=NEITHER_KEPT_NOR_FOUND)

    @post(f"{PATH}/again", status_code=200, sync_to_thread=True)
    def again(self, visit: Visits, link: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """A new request for the documents of a batch that have no signature."""
        person = visit.own(data.csrf)
        asked = _of_batch(visit, link, person.signatory_id)
        try:
            new = visit.doors.inbox.ask_batch(person.signatory_id or "", asked.batch_id or "")
        except (BatchRefused, CredentialUnusable) as refused:
            error = REFUSED_LIST.get(refused.reason, REFUSED_LIST[""])
            return progress(visit, asked, link=link, error=error)
        return to(f"/desk/a/{new.link}")

    @post(f"{PATH}/retry", status_code=200, sync_to_thread=True)
    def retry(self, visit: Visits, link: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """What failed of a batch is prepared anew; then it waits for a new consent."""
        person = visit.own(data.csrf)
        asked = _of_batch(visit, link, person.signatory_id)
        try:
            visit.doors.inbox.retry(person.signatory_id or "", asked.batch_id or "")
        except BatchRefused as refused:
            error = REFUSED_LIST.get(refused.reason, REFUSED_LIST[""])
            return progress(visit, asked, link=link, error=error)
        return to(f"/desk/a/{link}")


def opened(visit: Visit, link: str) -> ActivationRequest:
    """The request in the browser that opened it; 404 for everybody else."""
    person, asked = visit.person, visit.doors.approvals.behind(link)
    if person is None or asked is None or asked.session != person.id or asked.signatory_id != person.signatory_id:
        raise HTTPException(status_code=404)
    return asked


def _of_batch(visit: Visit, link: str, signatory_id: str | None) -> ActivationRequest:
    """A request of this person about a batch; 404 for everything else."""
    asked = visit.doors.approvals.behind(link)
    if asked is None or asked.batch_id is None or asked.signatory_id != signatory_id:
        raise HTTPException(status_code=404)
    return asked
