"""Everything a result page says, gathered before any HTML is made."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.faces.public import wording
from api.faces.public.details import Section, technical_details
from api.faces.public.facts import Fact, four_facts
from api.faces.public.ports import CodeResult, DigestResult, UploadResult
from api.faces.public.privacy import Disclosure, disclosure
from api.faces.public.revisions import RevisionView, changed_revisions
from api.faces.public.settings import PublicSettings
from api.faces.public.standing import Related, related, replacement
from api.faces.public.verdict import Verdict, as_sample, judge, on_record, on_record_only
from api.faces.public.wording import State
from api.pages.moments import in_words
from api.pages.text import Text
from signer.model import SignatureRecord
from signer.verification_code import in_groups
from verifier.model import Relation, ValidationReport

NEARLY_GOOD: Final = frozenset({State.STOPPED, State.BEING_SIGNED})
"""States that would tell of a letter so secret that its code may only be said to exist."""
MOST_PREVIEWS: Final = 60
"""Pages offered as pictures; whoever needs more downloads the original."""

COMPARE_FIRST: Final = frozenset(
    {State.GENUINE, State.GENUINE_WITH_ADDITIONS, State.GENUINE_ENDED_SINCE, State.ON_RECORD}
)
"""States after a code whose next step the card about the sheet in the reader's hand tells."""

NOTHING_MORE_TO_SAY: Final = frozenset({State.NOT_OURS, State.UNREADABLE})
"""States whose sentence already says that the file is not registered, or that there is nothing to compare."""

FILE_CHECKED: Final = Text("Berkas yang Anda unggah", "The file you uploaded")
DIGEST_CHECKED: Final = Text(
    "Sidik jari berkas Anda; berkasnya tidak dikirim", "The digest of your file; the file was not sent"
)
KEPT_FILE_CHECKED: Final = Text("Berkas asli yang kami simpan", "The original that we keep")
YOUR_FILE: Final = Text("Punya berkas aslinya? Periksa di sini", "You have the PDF file? Check it here")
ANOTHER_FILE: Final = Text("Periksa berkas lain", "Check another file")
CODE_CHECKED: Final = Text("Kode yang Anda buka", "The code you opened")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """One result page, in reading order."""

    scope: Text
    """What was checked: the upload, the kept file, or only the code."""
    verdict: Verdict
    checked_at: Text
    relation: Text | None
    """How an upload stands to the register."""
    compare: Verdict | None
    """Said after a code: the sheet in the reader's hand was not checked."""
    next_step: Text | None
    letter: tuple[tuple[Text, str], ...]
    related: tuple[Related, ...]
    """Letters that it replaces or that replaced it."""
    opens_instead: Related | None
    """The letter that took its place, where that is what the page says."""
    facts: tuple[Fact, ...]
    code: str
    """The long code, in the addresses of pages and download; empty after an upload."""
    record_page: str | None
    """After an upload of a registered file: the code of its own page."""
    short_code: str | None
    """As printed: two groups of five."""
    previews: tuple[int, ...]
    pages: int
    download: bool
    details: tuple[Section, ...]
    upload_invitation: Text
    revision: RevisionView | None = None
    """After an upload: the oldest signed revision after which a reader may see a difference."""
    signed_revisions: tuple[int, ...] = ()
    """Every revision that ends with an intact signature and was added to, where it may be taken away."""

    was_uploaded: bool = False
    """Whether the reader has the file at hand, and may want to take the result along."""

    locked: bool = False
    """Whether the file that was uploaded needed a password."""

    @property
    def is_suspicious(self) -> bool:
        """Whether the page asks to report it."""
        return self.verdict.state in (State.CHANGED, State.NOT_OURS)

    @property
    def is_sample(self) -> bool:
        """Whether the pictures carry a watermark."""
        return self.verdict.state is State.SAMPLE


def view_of_upload(
    result: UploadResult, settings: PublicSettings, *, revision: RevisionView | None = None, locked: bool = False
) -> ResultView:
    """The page that answers an upload; `revision`: what it looks like beside a signed revision; `locked`: a password
    came along, and will be needed again."""
    shows = disclosure(result.record)
    verdict = judge(
        result.report,
        relation=result.relation,
        record=result.record,
        shows=shows,
        settings=settings,
        standing=result.standing,
    )
    return ResultView(
        scope=FILE_CHECKED,
        verdict=verdict,
        checked_at=_checked_at(result.report.validated_at, settings),
        relation=None if verdict.state in NOTHING_MORE_TO_SAY else wording.RELATIONS[result.relation],
        compare=None,
        next_step=verdict.look.next_step,
        letter=_letter(result.record, shows),
        related=related(result.standing),
        opens_instead=replacement(result.standing) if verdict.found is State.REPLACED else None,
        facts=() if verdict.state is State.UNREADABLE else _facts(result, shows, settings),
        code="",
        record_page=result.record.intent.code.token if result.record else None,
        short_code=in_groups(result.record.intent.code.short) if result.record else None,
        previews=(),
        pages=0,
        download=False,
        details=technical_details(result.report, record=result.record, shows=shows, settings=settings),
        upload_invitation=ANOTHER_FILE,
        revision=revision,
        was_uploaded=True,
        locked=locked,
        signed_revisions=_signed_revisions(result.report, shows),
    )


def view_of_code(result: CodeResult, settings: PublicSettings) -> ResultView:
    """The page behind a QR: the kept file as it stands now, and never a word about the sheet in the reader's hand."""
    shows = disclosure(result.record)
    verdict = judge(
        result.report,
        relation=Relation.SAME_BYTES,
        record=result.record,
        shows=shows,
        settings=settings,
        standing=result.standing,
    )
    secret = not shows.agency
    if secret and (verdict.found.is_good or verdict.found in NEARLY_GOOD):
        verdict = as_sample(on_record_only()) if verdict.state is State.SAMPLE else on_record_only()
    return ResultView(
        scope=CODE_CHECKED if secret else KEPT_FILE_CHECKED,
        verdict=verdict,
        checked_at=_checked_at(result.report.validated_at, settings),
        relation=None,
        compare=None if secret else on_record(),
        next_step=None if verdict.found in COMPARE_FIRST else verdict.look.next_step,
        letter=_letter(result.record, shows),
        related=() if secret else related(result.standing),
        opens_instead=replacement(result.standing) if verdict.found is State.REPLACED and not secret else None,
        facts=() if secret else _facts(result, shows, settings),
        code=result.record.intent.code.token,
        record_page=None,
        short_code=in_groups(result.record.intent.code.short),
        previews=tuple(range(1, min(result.pages, MOST_PREVIEWS) + 1)) if shows.pages else (),
        pages=result.pages,
        download=shows.pages,
        details=()
        if secret
        else technical_details(result.report, record=result.record, shows=shows, settings=settings),
        upload_invitation=YOUR_FILE,
        signed_revisions=_signed_revisions(result.report, shows),
    )


def view_of_digest(result: DigestResult, settings: PublicSettings) -> ResultView:
    """The page that answers a digest of registered bytes; it tells no more than the page of their code."""
    pages = result.report.page_count or 1
    of_code = CodeResult(record=result.record, report=result.report, pages=pages, standing=result.standing)
    view = view_of_code(of_code, settings)
    return replace(
        view,
        scope=DIGEST_CHECKED,
        relation=wording.DIGEST_KNOWN if result.newest else wording.DIGEST_OF_AN_OLDER_VERSION,
        compare=None,
        next_step=view.verdict.look.next_step,
        code="",
        record_page=view.code,
        previews=(),
        download=False,
        upload_invitation=ANOTHER_FILE,
        signed_revisions=(),
    )


def _facts(result: UploadResult | CodeResult, shows: Disclosure, settings: PublicSettings) -> tuple[Fact, ...]:
    return four_facts(result.report, record=result.record, shows=shows, settings=settings, standing=result.standing)


def _signed_revisions(report: ValidationReport, shows: Disclosure) -> tuple[int, ...]:
    return tuple(each.number for each in changed_revisions(report, shows))


def _checked_at(moment: datetime, settings: PublicSettings) -> Text:
    return in_words(moment, utc_offset_hours=settings.utc_offset_hours)


def _letter(record: SignatureRecord | None, shows: Disclosure) -> tuple[tuple[Text, str], ...]:
    if record is None or not shows.letter:
        return ()
    letter = record.intent.letter
    rows = (
        (Text("Nomor", "Number"), letter.number),
        (Text("Jenis", "Kind"), letter.kind),
        (Text("Perihal", "Subject"), letter.subject),
    )
    return tuple((label, value) for label, value in rows if value)
