"""The citizen's addresses: the start page, an upload, a code, its pictures and its original."""

import re
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, MultipartBody, SkipValidation, URLEncodedBody
from litestar.response import Redirect

from api.downloads import download
from api.faces.public.pages import NEITHER_KEPT_NOR_FOUND, Pages
from api.faces.public.ports import PublicVerification, Receipts, UploadResult
from api.faces.public.privacy import disclosure
from api.faces.public.revisions import changed_revisions, revision_of, view_of_revision
from api.faces.public.settings import PublicSettings
from api.faces.public.verdict import digest_unknown, not_ours
from api.faces.public.view import view_of_code, view_of_digest, view_of_upload
from signer.document import Document
from signer.model import SignatureRecord, SigningState
from signer.verification_code import TOKEN_LENGTH, parse
from verifier.etsi_report import etsi_report
from verifier.model import Relation

LONGEST_PASSWORD: Final = 127
"""Characters; no PDF has a longer one."""
LONGEST_TYPED: Final = 104
"""Characters of a typed code that are looked at: four times a token."""

LARGEST_DIGEST_FORM: Final = 1024

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NUMBER: Final = re.compile(r"[1-9]\d{0,2}")
_REVISION: Final = re.compile(r"([1-9]\d{0,2})(\.pdf)?")
_PICTURE: Final = re.compile(r"([1-9]\d{0,3})\.webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """The fields of the upload form; the password opens an encrypted file and is forgotten with it."""

    document: UploadFile | None = None
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionForm(UploadForm):
    """The file again, and which of its revisions is wanted."""

    revision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestForm:
    """What the browser sends instead of the file."""

    sha256: str = ""


class PublicController(Controller):
    """Everything a reader of a letter can open; nobody logs in here."""

    include_in_schema = False

    @get("/", sync_to_thread=True)
    def start(self, pages: NamedDependency[SkipValidation[Pages]]) -> Response[str]:
        """Choose a file, or type a code."""
        return pages.show("start.html")

    @post("/", status_code=200, sync_to_thread=True)
    def upload(
        self,
        data: MultipartBody[UploadForm],
        verification: NamedDependency[SkipValidation[PublicVerification]],
        pages: NamedDependency[SkipValidation[Pages]],
        settings: NamedDependency[SkipValidation[PublicSettings]],
    ) -> Response[str]:
        """Judge the file; nothing of it is kept, not even its name."""
        pdf, result = _judged(data, verification, settings)
        # pictures of an encrypted file would need the password a second time
        changed = changed_revisions(result.report, disclosure(result.record)) if not data.password else ()
        revision = view_of_revision(pdf, changed[0], verification.compare) if changed else None
        view = view_of_upload(result, settings, revision=revision, locked=bool(data.password))
        return pages.show("result.html", headers=NEITHER_KEPT_NOR_FOUND, view=view)

    @post("/revision", status_code=200, sync_to_thread=True)
    def revision(
        self,
        data: MultipartBody[RevisionForm],
        verification: NamedDependency[SkipValidation[PublicVerification]],
        settings: NamedDependency[SkipValidation[PublicSettings]],
    ) -> Response[bytes]:
        """The file once more, and back come its bytes as they were signed; nothing was kept in between."""
        pdf, result = _judged(data, verification, settings)
        wanted = int(data.revision) if _NUMBER.fullmatch(data.revision) else 0
        found = revision_of(result.report, wanted) if disclosure(result.record).pages else None
        if found is None:
            raise HTTPException(status_code=404)
        name = {"Content-Disposition": f'attachment; filename="revisi-{found.number}.pdf"'}
        return Response(pdf[: found.end], media_type="application/pdf", headers=NEITHER_KEPT_NOR_FOUND | name)

    @post("/receipt", status_code=200, sync_to_thread=True)
    def receipt(
        self,
        data: MultipartBody[UploadForm],
        verification: NamedDependency[SkipValidation[PublicVerification]],
        receipts: NamedDependency[SkipValidation[Receipts]],
        settings: NamedDependency[SkipValidation[PublicSettings]],
    ) -> Response[bytes]:
        """The file once more, judged once more, and what was found on one sealed page."""
        _, result = _judged(data, verification, settings)
        return _download(receipts(result), f"tanda-terima-{result.report.document_sha256[:10]}.pdf")

    @post("/report", status_code=200, sync_to_thread=True)
    def report(
        self,
        data: MultipartBody[UploadForm],
        verification: NamedDependency[SkipValidation[PublicVerification]],
        settings: NamedDependency[SkipValidation[PublicSettings]],
    ) -> Response[bytes]:
        """The same as XML of ETSI TS 119 102-2."""
        _, result = _judged(data, verification, settings)
        name = f"laporan-{result.report.document_sha256[:10]}.xml"
        return _download(etsi_report(result.report), name, media_type="application/xml")

    @post("/digest", status_code=200, sync_to_thread=True, request_max_body_size=LARGEST_DIGEST_FORM)
    def by_digest(
        self,
        data: URLEncodedBody[DigestForm],
        verification: NamedDependency[SkipValidation[PublicVerification]],
        pages: NamedDependency[SkipValidation[Pages]],
        settings: NamedDependency[SkipValidation[PublicSettings]],
    ) -> Response[str]:
        """What a browser computed of a file that stays where it is: are such bytes registered, how do they stand?"""
        sha256 = data.sha256.strip().lower()
        if not _SHA256.fullmatch(sha256):
            raise HTTPException(status_code=400)
        result = verification.by_digest(sha256)
        if result is None or not _is_signed(result.record):
            verdict = digest_unknown(settings)
            return pages.show("digest_unknown.html", headers=NEITHER_KEPT_NOR_FOUND, verdict=verdict)
        view = view_of_digest(result, settings)
        return pages.show("result.html", headers=NEITHER_KEPT_NOR_FOUND, view=view)

    @get("/c", sync_to_thread=True)
    def typed(self, code: FromQuery[str] = "") -> Redirect:
        """The form's target: to the page of that code, whether or not there is one."""
        path = re.sub(r"[^0-9A-Za-z]", "-", code.strip()[:LONGEST_TYPED])
        return Redirect(f"/v/{path}" if path else "/", status_code=303, headers={"Cache-Control": "no-store"})

    @get("/v/{code:str}", sync_to_thread=True)
    def by_code(
        self,
        code: FromPath[str],
        verification: NamedDependency[SkipValidation[PublicVerification]],
        pages: NamedDependency[SkipValidation[Pages]],
        settings: NamedDependency[SkipValidation[PublicSettings]],
    ) -> Response[str]:
        """The registered document as it stands now; unknown, malformed and never-issued codes look alike."""
        known = parse(code)
        result = verification.by_code(known) if known else None
        if known is None or result is None or not _is_signed(result.record):
            verdict = not_ours(settings)
            return pages.show("unknown.html", status=404, headers=NEITHER_KEPT_NOR_FOUND, verdict=verdict)
        view = view_of_code(result, settings)
        return pages.show("result.html", headers=NEITHER_KEPT_NOR_FOUND, view=view)

    @get("/v/{code:str}/pages/{picture:str}", sync_to_thread=True)
    def page_image(
        self,
        code: FromPath[str],
        picture: FromPath[str],
        verification: NamedDependency[SkipValidation[PublicVerification]],
    ) -> Response[bytes]:
        """`{n}.webp`: one page of the kept document, where its secrecy allows."""
        number = _PICTURE.fullmatch(picture)
        known = _open_to_all(code, verification)
        image = verification.page_image(known, int(number[1])) if known and number else None
        if image is None:
            raise HTTPException(status_code=404)
        return Response(image, media_type="image/webp", headers=NEITHER_KEPT_NOR_FOUND)

    @get("/v/{code:str}/revisions/{name:str}", sync_to_thread=True)
    def kept_revision(
        self,
        request: Request[Any, Any, Any],
        code: FromPath[str],
        name: FromPath[str],
        verification: NamedDependency[SkipValidation[PublicVerification]],
        pages: NamedDependency[SkipValidation[Pages]],
    ) -> Response[Any]:
        """`{n}`: a signed revision beside the kept document, in pictures; `{n}.pdf`: its bytes, as they were signed."""
        wanted = _REVISION.fullmatch(name)
        known = _open_to_all(code, verification) if wanted else None
        result = verification.by_code(known) if known else None
        pdf = verification.original(known) if known and result else None
        found = revision_of(result.report, int(wanted[1])) if result and wanted else None
        if known is None or pdf is None or found is None or wanted is None:
            raise HTTPException(status_code=404)
        if wanted[2]:
            return _kept(request, Document.of(pdf[: found.end]), f"dokumen-{known[:10]}-revisi-{found.number}.pdf")
        view = view_of_revision(pdf.content(), found, verification.compare)
        return pages.show("revision.html", headers=NEITHER_KEPT_NOR_FOUND, revision=view, code=known)

    @get("/v/{code:str}/document.pdf", sync_to_thread=True)
    def original(
        self,
        request: Request[Any, Any, Any],
        code: FromPath[str],
        verification: NamedDependency[SkipValidation[PublicVerification]],
    ) -> Response[Any]:
        """The kept document itself, where its secrecy allows."""
        known = _open_to_all(code, verification)
        document = verification.original(known) if known else None
        if known is None or document is None:
            raise HTTPException(status_code=404)
        return _kept(request, document, f"dokumen-{known[:10]}.pdf")

    @get("/v/{code:str}/receipt.pdf", sync_to_thread=True)
    def receipt_of_kept(
        self,
        code: FromPath[str],
        verification: NamedDependency[SkipValidation[PublicVerification]],
        receipts: NamedDependency[SkipValidation[Receipts]],
    ) -> Response[bytes]:
        """What the kept document is worth now, on one sealed page, where its secrecy allows."""
        known, result = _judged_now(code, verification)
        return _download(receipts(result), f"tanda-terima-{known[:10]}.pdf")

    @get("/v/{code:str}/report.xml", sync_to_thread=True)
    def report_of_kept(
        self,
        code: FromPath[str],
        verification: NamedDependency[SkipValidation[PublicVerification]],
    ) -> Response[bytes]:
        """The same as XML of ETSI TS 119 102-2."""
        known, result = _judged_now(code, verification)
        return _download(etsi_report(result.report), f"laporan-{known[:10]}.xml", media_type="application/xml")


def _judged(data: UploadForm, verification: PublicVerification, settings: PublicSettings) -> tuple[bytes, UploadResult]:
    """The uploaded bytes and what they are; 422 where there is no file or no password can be as long."""
    pdf = _document(data.document, settings)
    if len(data.password) > LONGEST_PASSWORD:
        raise HTTPException(status_code=422)
    return pdf, verification.by_upload(pdf, data.password)


def _judged_now(code: str, verification: PublicVerification) -> tuple[str, UploadResult]:
    """A kept document that anybody may see, judged at this moment; 404 for every other code."""
    known = _open_to_all(code, verification)
    result = verification.by_code(known) if known else None
    if known is None or result is None:
        raise HTTPException(status_code=404)
    same = UploadResult(
        report=result.report, relation=Relation.SAME_BYTES, record=result.record, standing=result.standing
    )
    return known, same


def _document(upload: UploadFile | None, settings: PublicSettings) -> bytes:
    """The uploaded bytes; 422 where there are none, 413 where there are too many."""
    if upload is None:
        raise HTTPException(status_code=422)
    with upload.file as file:
        pdf = file.read(settings.max_document_size + 1)
    if not pdf:
        raise HTTPException(status_code=422)
    if len(pdf) > settings.max_document_size:
        raise HTTPException(status_code=413)
    return pdf


def _download(content: bytes, name: str, *, media_type: str = "application/pdf") -> Response[bytes]:
    headers = NEITHER_KEPT_NOR_FOUND | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _kept(request: Request[Any, Any, Any], pdf: Document, name: str) -> Response[Any]:
    headers = NEITHER_KEPT_NOR_FOUND | {"Content-Disposition": f'attachment; filename="{name}"'}
    return download(request.headers, pdf, headers)


def _open_to_all(code: str, verification: PublicVerification) -> str | None:
    """The normalised long code of a signed document whose pages anybody may see.

    Short codes can be tried; only the page that limits the tries takes them.
    """
    known = parse(code)
    if known is None or len(known) != TOKEN_LENGTH:
        return None
    record = verification.record(known)
    return known if record and _is_signed(record) and disclosure(record).pages else None


def _is_signed(record: SignatureRecord) -> bool:
    return record.outcome is not None and record.outcome.state is SigningState.SIGNED
