"""What a citizen reads when something did not work: one page an error, none of them frightening."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException

from api.faces.public.pages import NEITHER_KEPT_NOR_FOUND, Pages
from api.faces.public.wording import HEADLINES, State, Tone
from api.pages.text import Text
from signer.errors import SignerError
from verifier.errors import TooLarge, VerificationRefused, VerifierError, WorkerBusy

RETRY_AFTER: Final = 30
"""Seconds, where nobody knows better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Title, sentence and next step of one status."""

    title: Text
    sentence: Text
    next_step: Text
    icon: str = "circle-question"
    tone: Tone = Tone.UNSURE


PROBLEMS: Final = {
    400: Problem(
        title=Text("Permintaan tidak dapat dibaca", "We could not read the request"),
        sentence=Text("Formulirnya tidak sampai dengan lengkap.", "The form did not arrive complete."),
        next_step=Text("Kembali ke halaman awal dan coba sekali lagi.", "Go back to the start and try once more."),
    ),
    404: Problem(
        title=Text("Halaman tidak ditemukan", "Page not found"),
        sentence=Text("Tidak ada halaman pada alamat ini.", "There is no page at this address."),
        next_step=Text("Periksa alamatnya, atau mulai dari halaman awal.", "Check the address, or begin at the start."),
    ),
    405: Problem(
        title=Text("Halaman tidak ditemukan", "Page not found"),
        sentence=Text("Alamat ini tidak menerima permintaan seperti itu.", "This address takes no such request."),
        next_step=Text("Mulai dari halaman awal.", "Begin at the start."),
    ),
    413: Problem(
        title=Text("Berkas terlalu besar", "The file is too large"),
        sentence=Text(
            "Berkas itu melebihi {limit} MB, jadi belum diperiksa.", "It exceeds {limit} MB, so it was not checked."
        ),
        next_step=Text(
            "Buka QR atau ketik kode pada dokumen untuk melihat berkas aslinya.",
            "Open the QR or type the document's code to see the original.",
        ),
        icon="document",
    ),
    415: Problem(
        title=Text("Bukan berkas PDF", "Not a PDF file"),
        sentence=Text("Kami hanya dapat memeriksa berkas PDF.", "We can check PDF files only."),
        next_step=Text(
            "Pilih PDF asli seperti yang Anda terima, bukan foto atau hasil pindai.",
            "Choose the original PDF as you received it, not a photo or a scan.",
        ),
        icon="document",
    ),
    422: Problem(
        title=Text("Belum ada berkas", "No file yet"),
        sentence=Text("Anda belum memilih berkas PDF.", "You have not chosen a PDF file."),
        next_step=Text("Kembali, pilih berkasnya, lalu tekan Periksa.", "Go back, choose the file, then press Check."),
        icon="document",
    ),
    429: Problem(
        title=Text("Terlalu banyak percobaan", "Too many tries"),
        sentence=Text(
            "Kami membatasi jumlah percobaan agar kode tidak dapat ditebak.",
            "We limit the number of tries so that codes cannot be guessed.",
        ),
        next_step=Text("Tunggu satu menit, lalu coba lagi.", "Wait a minute, then try again."),
        icon="clock",
    ),
    500: Problem(
        title=Text("Ada gangguan pada kami", "Something went wrong on our side"),
        sentence=Text(
            "Dokumen Anda belum diperiksa. Ini bukan berarti dokumennya palsu.",
            "Your document was not checked. This does not mean that it is false.",
        ),
        next_step=HEADLINES[State.TRY_LATER].next_step,
        icon="cloud",
    ),
    503: Problem(
        title=HEADLINES[State.TRY_LATER].title,
        sentence=Text(
            "Layanan sedang sibuk atau terganggu. Ini bukan berarti dokumennya palsu.",
            "The service is busy or down. This does not mean the document is false.",
        ),
        next_step=HEADLINES[State.TRY_LATER].next_step,
        icon="cloud",
    ),
}


def problem_page(pages: Pages, status: int, *, limit: int, retry_after: int | None = None) -> Response[str]:
    """The page of a status; a status without a row of its own reads like 400 or 500.

    `limit`: most bytes of an upload. `retry_after`: seconds.
    """
    problem = PROBLEMS.get(status, PROBLEMS[500 if status >= 500 else 400])
    headers = dict(NEITHER_KEPT_NOR_FOUND)
    if status in (429, 503):
        headers["Retry-After"] = str(retry_after or RETRY_AFTER)
    sentence = problem.sentence.fill(limit=str(limit // 1_000_000))
    return pages.show("problem.html", status=status, headers=headers, problem=problem, sentence=sentence)


class ProblemPages:
    """Exception handlers of the citizen's pages; also right for a browser lost on a path that nobody serves."""

    def __init__(self, pages: Pages, *, limit: int) -> None:
        self._pages = pages
        self._limit = limit

    def http(self, _request: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
        """Litestar's own: no such path, body too large, too many requests."""
        page = self._page(error.status_code, _seconds(error))
        if allowed := _header(error, "allow"):
            page.headers["Allow"] = allowed  # RFC 9110, 15.5.6: a 405 says what would be taken
        return page

    def verification(self, _request: Request[Any, Any, Any], error: VerifierError) -> Response[str]:
        """The verifier refused, or could not answer; what it said stays inside."""
        if isinstance(error, TooLarge):
            return self._page(413)
        if isinstance(error, VerificationRefused):
            return self._page(415)
        return self._page(503, error.retry_after if isinstance(error, WorkerBusy) else None)

    def sealing(self, _request: Request[Any, Any, Any], _error: SignerError) -> Response[str]:
        """A receipt could not be sealed; why, stays inside."""
        return self._page(503)

    def unexpected(self, _request: Request[Any, Any, Any], _error: Exception) -> Response[str]:
        """Everything else: not one word of it reaches the page."""
        return self._page(500)

    def _page(self, status: int, retry_after: int | None = None) -> Response[str]:
        return problem_page(self._pages, status, limit=self._limit, retry_after=retry_after)


def _seconds(error: HTTPException) -> int | None:
    """`Retry-After` of a rate limit, where it is a number of seconds."""
    value = _header(error, "retry-after")
    return int(value) if value.isdecimal() else None


def _header(error: HTTPException, name: str) -> str:
    return {known.lower(): text for known, text in (error.headers or {}).items()}.get(name, "")
