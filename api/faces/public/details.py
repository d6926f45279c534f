"""The technical layer: the whole report as rows of label and value, for those who want to check us."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from api.faces.public.privacy import Disclosure
from api.faces.public.settings import PublicSettings
from api.faces.public.signers import signer_of
from api.pages.moments import in_words
from api.pages.text import Text
from signer.model import SignatureRecord
from verifier.model import SignatureKind, SignatureReport, SubIndication, ValidationReport
from verifier.words import NEXT_STEPS, REASONS, told

KINDS: Final = {
    SignatureKind.SIGNATURE: Text("Tanda tangan", "Signature"),
    SignatureKind.DOCUMENT_TIMESTAMP: Text("Stempel waktu dokumen", "Document timestamp"),
}
SEAL: Final = Text("Segel elektronik", "Electronic seal")
YES: Final = Text("ya", "yes")
NO: Final = Text("tidak", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A label and what stands beside it: words, or text of the file's own."""

    label: Text
    value: str | Text | tuple[str | Text, ...]

    @property
    def values(self) -> tuple[str | Text, ...]:
        """One or several lines."""
        return (self.value,) if isinstance(self.value, (str, Text)) else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One signature, or the file as a whole."""

    title: Text
    rows: tuple[Row, ...]


def technical_details(
    report: ValidationReport, *, record: SignatureRecord | None, shows: Disclosure, settings: PublicSettings
) -> tuple[Section, ...]:
    """The file first, then each signature in the order of its revision; signatures only where names may be shown."""
    signatures = sorted(report.signatures, key=lambda each: each.revision) if shows.signer else []
    return (
        _file(report, shows, settings),
        *(
            _signature(number, each, record=record, shows=shows, settings=settings)
            for number, each in enumerate(signatures, start=1)
        ),
    )


def _file(report: ValidationReport, shows: Disclosure, settings: PublicSettings) -> Section:
    rows = [
        _row("Hasil", "Indication", _indication(report)),
        _row("Kebijakan", "Validation policy", report.policy),
        _row("Diperiksa", "Validated", in_words(report.validated_at, utc_offset_hours=settings.utc_offset_hours)),
    ]
    if shows.signer:
        rows += [
            _row("Sidik jari berkas (SHA-256)", "File digest (SHA-256)", Markup(report.document_sha256)),  # noqa: S704 our own hex
            _row(
                "Ukuran",
                "Size",
                Text(f"{report.document_size:,} bita".replace(",", "."), f"{report.document_size:,} bytes"),
            ),
            _row("Halaman", "Pages", _number(report.page_count)),
            _row("Revisi", "Revisions", _number(report.revisions)),
        ]
    if shows.pages:
        rows.append(_row("Catatan pemeriksa", "Validator's note", report.detail))
    return Section(title=Text("Berkas", "The file"), rows=tuple(rows))


def _signature(
    number: int,
    signature: SignatureReport,
    *,
    record: SignatureRecord | None,
    shows: Disclosure,
    settings: PublicSettings,
) -> Section:
    rows = [
        _row("Hasil", "Indication", _indication(signature)),
        *(_why(signature.reason) if signature.reason else []),
        *([_row("Catatan pemeriksa", "Validator's note", signature.detail)] if shows.pages else []),
        _row("Format", "Format", signature.level or "–"),
        _row("Bidang", "Field", signature.field_name),
        *_certificate(signature, record, shows, settings),
        *_times(signature, settings),
        _row("Status pencabutan dari", "Revocation status from", (signature.revocation or "–").upper()),
        _row("Mencakup seluruh berkas", "Covers the whole file", YES if signature.covers_whole_file else NO),
        _row("Perubahan sesudahnya", "Later changes", tuple(_changes(signature, shows)) or "–"),
    ]
    kind = SEAL if signature.is_seal else KINDS[signature.kind]
    return Section(title=Text(*(f"{each} {number}" for each in kind)), rows=tuple(rows))


def _certificate(
    signature: SignatureReport, record: SignatureRecord | None, shows: Disclosure, settings: PublicSettings
) -> list[Row]:
    certificate = signature.signer
    if certificate is None:
        return []
    validity = tuple(
        in_words(each, utc_offset_hours=settings.utc_offset_hours)
        for each in (certificate.not_before, certificate.not_after)
    )
    standing = signer_of(signature, record, shows).standing
    issuer = (
        _row("Penerbit", "Issuer", (certificate.issuer, standing))
        if standing
        else _row("Penerbit yang tertulis, belum terbukti", "Issuer as written, not proven", certificate.issuer)
    )
    return [
        _row("Pemilik sertifikat", "Certificate subject", certificate.subject),
        _row("Instansi dalam sertifikat", "Organisation in the certificate", certificate.organisation or "–"),
        issuer,
        _row("Nomor seri", "Serial number", Markup(certificate.serial) if certificate.serial.isalnum() else "–"),  # noqa: S704 letters and digits
        _row("Masa berlaku", "Validity", validity),
        _row("Rantai", "Chain", signature.chain or "–"),
        _row("Jangkar kepercayaan", "Trust anchor", signature.anchor or "–"),
    ]


def _times(signature: SignatureReport, settings: PublicSettings) -> list[Row]:
    offset = settings.utc_offset_hours
    rows = []
    if signature.claimed_at:
        claimed = in_words(signature.claimed_at, utc_offset_hours=offset)
        rows.append(_row("Waktu menurut penanda tangan (tanpa bukti)", "Time as claimed (no proof)", claimed))
    if signature.proven_at:
        rows.append(
            _row("Terbukti ada sejak", "Proven to exist since", in_words(signature.proven_at, utc_offset_hours=offset))
        )
    if signature.timestamp:
        stamp = signature.timestamp
        trusted = Text("dipercaya", "trusted") if stamp.trusted else Text("belum dipercaya", "not trusted")
        value = (stamp.authority, in_words(stamp.time, utc_offset_hours=offset), trusted)
        rows.append(_row("Stempel waktu", "Timestamp", value))
    return rows


def _changes(signature: SignatureReport, shows: Disclosure) -> list[str | Text]:
    lines: list[str | Text] = []
    for each in signature.modifications:
        sentence = told(each)
        lines.append(Text(sentence.id, sentence.en))
        if shows.pages:
            lines.append(each.detail)
    return lines


def _indication(judged: SignatureReport | ValidationReport) -> str:
    return judged.indication.value + (f" · {judged.reason.name}" if judged.reason else "")


def _why(reason: SubIndication) -> list[Row]:
    """The verifier's own sentences for it: why, and what to do."""
    why, step = REASONS[reason], NEXT_STEPS[reason]
    return [
        _row("Alasan", "Reason", Text(why.id, why.en)),
        _row("Langkah berikutnya", "Next step", Text(step.id, step.en)),
    ]


def _number(count: int | None) -> str:
    return "–" if count is None else str(count)


def _row(label_id: str, label_en: str, value: str | Text | tuple[str | Text, ...]) -> Row:
    return Row(label=Text(label_id, label_en), value=value)
