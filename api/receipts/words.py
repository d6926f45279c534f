"""What a receipt says: the words of the public page about the same file, with nothing that secrecy hides."""

from collections.abc import Sequence
from datetime import timedelta, timezone
from typing import Any, Final

from api.faces.public.details import KINDS
from api.faces.public.ports import UploadResult
from api.faces.public.privacy import Disclosure, disclosure
from api.faces.public.settings import PublicSettings
from api.faces.public.signers import signer_of
from api.faces.public.view import ResultView, view_of_upload
from api.faces.public.wording import RELATIONS
from api.pages.moments import in_words
from api.pages.scrub import scrub
from api.pages.text import Text
from api.services import VerifiedUpload
from signer.model import SignatureRecord
from signer.qr import qr_svg
from verifier.model import SignatureReport

TITLE: Final = Text("Tanda terima pemeriksaan dokumen", "Receipt of a document check")
CLOSING: Final = Text(
    "Tanda terima ini disegel dan diberi stempel waktu oleh {service}; periksa di {domain} atau dengan pembaca PDF. "
    "Isinya hasil pemeriksaan atas berkas dengan sidik jari di atas pada waktu itu. Berkas yang dikirim tidak kami "
    "simpan, dan hasilnya dapat berubah, misalnya bila suratnya dicabut.",
    "This receipt is sealed and timestamped by {service}; check it at {domain} or with a PDF reader. It states what a "
    "check of the file with the digest above found at that time. A file sent in is not kept, and the result may "
    "change, for instance when the letter is withdrawn.",
)
OTHERS: Final = Text("dan {count} lainnya", "and {count} more")
QR_ALT: Final = "QR: halaman dokumen terdaftar"
COLUMNS: Final = (
    Text("No.", "No."),
    Text("Siapa", "Who"),
    Text("Hasil", "Result"),
    Text("Terbukti ada sejak", "Proven since"),
    Text("Tingkat", "Level"),
)
MOST_SIGNATURES: Final = 8
MOST_ANSWERS: Final = 3
LONGEST: Final = 160
"""Characters of one text; a receipt is one page."""


class ReceiptWords:
    """Receipts of one office."""

    def __init__(self, settings: PublicSettings, *, public_url: str) -> None:
        self._settings = settings
        self._public_url = public_url

    def of(self, upload: VerifiedUpload) -> dict[str, Any]:
        """The data of the drawing; plain JSON."""
        settings, report, record = self._settings, upload.report, upload.record
        result = UploadResult(report=report, relation=upload.relation, record=record, standing=upload.standing)
        shows = disclosure(record)
        view = view_of_upload(result, settings)
        local = report.validated_at.astimezone(timezone(timedelta(hours=settings.utc_offset_hours)))
        shown = report.signatures[:MOST_SIGNATURES] if shows.signer else ()
        hidden = len(report.signatures) - len(shown) if shows.signer else 0
        return {
            "title": _both(TITLE),
            "office": _plain(settings.office),
            "service": _plain(settings.service),
            "year": local.year,
            "month": local.month,
            "day": local.day,
            "verdict": {
                "tone": view.verdict.look.tone.value,
                "title": _both(view.verdict.title),
                "sentence": _both(view.verdict.sentence),
            },
            "rows": self._rows(result, view),
            "facts": [
                {"question": _both(each.question), "answers": [_both(text) for text in each.answers[:MOST_ANSWERS]]}
                for each in view.facts
            ],
            "columns": [_both(each) for each in COLUMNS],
            "signatures": self._signatures(shown, record, shows),
            "others": _both(OTHERS.fill(count=str(hidden))) if hidden else None,
            "closing": _both(CLOSING.fill(service=settings.service, domain=settings.domain)),
            "qr": qr_svg(f"{self._public_url}/v/{view.record_page}") if view.record_page else None,
            "qr-alt": QR_ALT,
        }

    def _rows(self, result: UploadResult, view: ResultView) -> list[dict[str, Any]]:
        report = result.report
        rows = [
            _row("Sidik jari berkas (SHA-256)", "File digest", Text(report.document_sha256, ""), code=True),
            _row("Ukuran", "Size", Text(f"{report.document_size} bita", f"{report.document_size} bytes")),
            _row("Diperiksa", "Checked", view.checked_at),
            _row("Hasil", "Indication", _same(_indication(report.indication.value, report.reason))),
            _row("Kebijakan", "Validation policy", _same(report.policy)),
            _row("Register", "Register", RELATIONS[result.relation]),
            *(_row(label.id, label.en, _same(value)) for label, value in view.letter),
        ]
        if view.short_code is not None:
            rows.append(_row("Kode", "Code", Text(view.short_code, ""), code=True))
        return rows

    def _signatures(
        self, signatures: Sequence[SignatureReport], record: SignatureRecord | None, shows: Disclosure
    ) -> list[list[str]]:
        """Number, who, result, time, level; a name without an anchor is only what the file says of itself."""
        rows = []
        for number, each in enumerate(signatures, start=1):
            who = signer_of(each, record, shows)
            name = who.phrase or "–"
            proven = each.proven_at
            rows.append(
                [
                    str(number),
                    _plain(name if each.anchor else f"({name})"),
                    _indication(each.indication.value, each.reason),
                    in_words(proven, utc_offset_hours=self._settings.utc_offset_hours).id if proven else "–",
                    _plain(each.level or KINDS[each.kind].id),
                ]
            )
        return rows


def _indication(indication: str, reason: object) -> str:
    name = getattr(reason, "name", None)
    return f"{indication} {name.replace('_', ' ')}" if name else indication


def _row(label_id: str, label_en: str, value: Text, *, code: bool = False) -> dict[str, Any]:
    shown = {"id": value.id, "en": value.en} if code else _both(value)
    return {"label": {"id": label_id, "en": label_en}, "value": shown, "code": code}


def _same(text: str) -> Text:
    return Text(text, text)


def _both(text: Text) -> dict[str, str]:
    return {"id": _plain(text.id, LONGEST * 4), "en": _plain(text.en, LONGEST * 4)}


def _plain(text: str, longest: int = LONGEST) -> str:
    """What a page would show of it, shortened."""
    said = scrub(text)
    return said if len(said) <= longest else said[:longest] + "…"
