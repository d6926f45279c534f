"""A real Litestar application on 127.0.0.1 with the citizen's pages over documents held in memory."""

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import pypdfium2
import typst
import uvicorn
from litestar import Litestar, Request, get
from litestar.config.compression import CompressionConfig
from litestar.openapi import OpenAPIConfig

from api.faces.public.ports import CodeResult, DigestResult, UploadResult
from api.faces.public.router import public_router
from api.faces.public.settings import PublicSettings
from api.faces.rest.browser import docs
from api.headers import security_headers
from api.static.files import static_router
from signer.document import Document
from signer.errors import FakeReportRefused
from signer.fakes import Suspicion
from signer.model import SignatureRecord, VerificationCode
from tests.unit.api.faces.public.examples import CODES, DIGESTS, SETTINGS, UPLOADS
from verifier.errors import WorkerBusy
from verifier.pictures import ComparedPage, Comparison
from verifier.signed_revision import SignedRevision

LETTER = """
#set page("a4", margin: 2.5cm)
#set text(size: 11pt, lang: "id")
#align(center)[*PEMERINTAH PROVINSI CONTOH \\ DINAS CONTOH* \\ #text(9pt)[Jalan Contoh Nomor 1, Kota Contoh]]
#line(length: 100%)
#align(center)[*SURAT TUGAS* \\ Nomor: 000.1.2/123/CONTOH/2026]
#lorem(180)
#align(right)[Kepala Dinas Contoh, #v(2cm) *Ni Luh Contoh Lestari, S.Kom.*]
#pagebreak()
#lorem(420)
#pagebreak()
#lorem(300)
"""


@cache
def letter() -> bytes:
    """Three invented pages."""
    return typst.compile(LETTER.encode(), format="pdf")


@cache
def picture(page: int) -> bytes:
    """One page of the letter as the service draws it."""
    image = pypdfium2.PdfDocument(letter())[page - 1].render(scale=1.4).to_pil()
    out = BytesIO()
    image.save(out, "WEBP", quality=60)
    return out.getvalue()


class DocumentsInMemory:
    """`PublicVerification` over the examples: an upload says in its bytes which example it is, a code is its name."""

    def __init__(self, codes: dict[str, CodeResult]) -> None:
        """`codes`: by short code."""
        self._codes = {}
        for short, result in codes.items():
            self._codes |= dict.fromkeys((short, token_of(short)), _named(result, short))

    def record(self, code: str) -> SignatureRecord | None:
        found = self._codes.get(code)
        return found.record if found else None

    def by_code(self, code: str) -> CodeResult | None:
        return self._codes.get(code)

    def by_upload(self, pdf: bytes, password: str = "") -> UploadResult:
        name = pdf.removeprefix(b"%PDF-1.7 ").decode()
        if name == "busy":
            raise WorkerBusy("the queue is full", retry_after=7)
        if name == "broken":
            raise RuntimeError("secret detail")
        return UPLOADS[name]

    def by_digest(self, sha256: str) -> DigestResult | None:
        return {digest_of(name): found for name, found in DIGESTS.items()}.get(sha256)

    def compare(self, pdf: bytes, revision: SignedRevision) -> Comparison | None:
        return CHANGED_PAGE if b"additions" in pdf or pdf == letter() else None

    def page_image(self, code: str, page: int) -> bytes | None:
        found = self._codes.get(code)
        return picture(page) if found and page <= found.pages else None

    def original(self, code: str) -> Document | None:
        return Document.of(letter()) if code in self._codes else None


class ReportsInMemory:
    """`ReportsOfFakes` that keeps what it took in; `refuse` is raised instead."""

    def __init__(self) -> None:
        self.taken: list[Suspicion] = []
        self.refuse: FakeReportRefused | None = None

    def report(self, suspicion: Suspicion) -> str:
        if self.refuse:
            raise self.refuse
        self.taken.append(suspicion)
        return "ABCDE23456"


def digest_of(name: str) -> str:
    """SHA-256 of the upload of that name."""
    return hashlib.sha256(f"%PDF-1.7 {name}".encode()).hexdigest()


CHANGED_PAGE = Comparison(
    pages_before=2,
    pages_after=3,
    looked_at=3,
    changed=(
        ComparedPage(page=1, frames=1, before=picture(1), after=picture(2)),
        ComparedPage(page=3, frames=0, before=None, after=picture(3)),
    ),
    more=False,
)


def code_of(name: str) -> str:
    """The short code under which an example is registered."""
    return "ABCDEFGHJKMNPQRSTUVW"[list(CODES).index(name)] * 10


def token_of(short: str) -> str:
    """The long code beside such a short one."""
    return short[0] * 26


def _named(result: CodeResult, short: str) -> CodeResult:
    code = VerificationCode(token=token_of(short), short=short)
    return replace(result, record=replace(result.record, intent=replace(result.record.intent, code=code)))


def application(settings: PublicSettings = SETTINGS, reports: ReportsInMemory | None = None) -> Litestar:
    """The pages as the composition root mounts them."""

    @get("/api/example", operation_id="Example", sync_to_thread=False)
    def example() -> dict[str, str]:
        """Something to list in the API browser."""
        return {"hello": "world"}

    @get("/openapi.json", include_in_schema=False, sync_to_thread=False)
    def contract(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return request.app.openapi_schema.to_schema()

    return Litestar(
        route_handlers=[
            public_router(
                DocumentsInMemory({code_of(name): found for name, found in CODES.items()}),
                settings,
                lambda _: letter(),
                reports or ReportsInMemory(),
            ),
            static_router(),
            docs,
            example,
            contract,
        ],
        before_send=[security_headers(https=False)],
        compression_config=CompressionConfig(backend="gzip"),
        openapi_config=OpenAPIConfig(title="Contoh", version="1", path="/schema"),
    )


@contextmanager
def serve(app: Litestar, *, port: int = 0) -> Iterator[str]:
    """The application behind a real socket, on a free port unless one is given; gives its address."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port may be held for it by who chose it
        listener.bind(("127.0.0.1", port))
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
