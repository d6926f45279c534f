"""Where a reader reports a suspicious document: a form of our own, which asks for nothing about the reader."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, SkipValidation, URLEncodedBody
from litestar.response import Redirect

from api.faces.public.pages import NEITHER_KEPT_NOR_FOUND, Pages
from api.faces.public.ports import ReportsOfFakes
from api.pages.text import Text
from signer.errors import FakeReportRefused
from signer.fakes import LONGEST, Suspicion, is_reference
from signer.verification_code import in_groups

LARGEST_FORM: Final = 16 * 1024
"""Bytes: every character of every field may need twelve when it is escaped."""
WHAT_IS_WRONG: Final = {
    "empty": Text(
        "Tulis kode dokumennya, atau apa yang mencurigakan.", "Write the document's code, or what is suspicious."
    ),
    "too-long": Text("Terlalu panjang; singkatkan.", "Too long; make it shorter."),
    "too-many": Text(
        "Hari ini sudah terlalu banyak laporan. Coba lagi besok.", "Too many reports came in today. Try again tomorrow."
    ),
}
"""By the reason of a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForm:
    """The fields of the form; all of them may be empty, and none is about the reader."""

    code: str = ""
    place: str = ""
    text: str = ""


class ReportController(Controller):
    """`/report-fake`, and what is said afterwards."""

    include_in_schema = False
    path = "/report-fake"

    @get("/", sync_to_thread=True)
    def form(self, pages: NamedDependency[SkipValidation[Pages]], code: FromQuery[str] = "") -> Response[str]:
        """The form; a code that was just looked up stands in it already."""
        return _form(pages, ReportForm(code=code[: LONGEST["code"]]))

    @post("/", status_code=303, sync_to_thread=True, request_max_body_size=LARGEST_FORM)
    def report(
        self,
        request: Request[Any, Any, Any],
        data: URLEncodedBody[ReportForm],
        reports: NamedDependency[SkipValidation[ReportsOfFakes]],
        pages: NamedDependency[SkipValidation[Pages]],
    ) -> Response[Any]:
        """Taken in, then the reference; a form that another site filled in is refused."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise HTTPException(status_code=400)
        try:
            reference = reports.report(Suspicion(**asdict(data)))
        except FakeReportRefused as refused:
            wrong = WHAT_IS_WRONG[refused.reason]
            status = 429 if refused.reason == "too-many" else 422
            return _form(pages, data, status=status, wrong=wrong, field=refused.field)
        return Redirect(f"/report-fake/{reference}", status_code=303, headers={"Cache-Control": "no-store"})

    @get("/{reference:str}", sync_to_thread=True)
    def reported(self, reference: FromPath[str], pages: NamedDependency[SkipValidation[Pages]]) -> Response[str]:
        """Thanks; the register of reports is not asked, so nobody learns from here what was reported."""
        if not is_reference(reference):
            raise HTTPException(status_code=404)
        return pages.show("reported.html", headers=NEITHER_KEPT_NOR_FOUND, reference=in_groups(reference))


def _form(
    pages: Pages, form: ReportForm, *, status: int = 200, wrong: Text | None = None, field: str | None = None
) -> Response[str]:
    return pages.show(
        "report_fake.html",
        status=status,
        headers=NEITHER_KEPT_NOR_FOUND,
        form=form,
        longest=LONGEST,
        wrong=wrong,
        field=field,
    )
