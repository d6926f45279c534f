"""From a report to what people read: the headline and the first three of the four facts.

The fourth fact, the document's standing in the register, is not in the file and comes from outside.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import Final

from verifier.model import Indication, SignatureKind, SignatureReport, SubIndication, ValidationReport
from verifier.words import HEADLINES, REASON_HEADLINES, REASONS, Headline, Text, Words

WITA: Final = timezone(timedelta(hours=8), "WITA")
_MONTHS: Final = (
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
)


class Answer(Enum):
    """How one fact turned out; a page shows it by shape and words, colour only repeats it."""

    GOOD = "good"
    BAD = "bad"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One question and its answer. The texts may quote the file, so pages escape them."""

    question: Text
    answer: Answer
    text: Text


def headline_of(report: ValidationReport) -> Headline:
    """The state that a page names first; never better than the worst signature."""
    if report.indication is Indication.UNREADABLE:
        return Headline.UNREADABLE
    if report.indication is Indication.NO_SIGNATURE:
        return Headline.NO_SIGNATURE
    if report.reason is not None:
        return REASON_HEADLINES[report.reason]
    signatures = _signatures(report)
    if any(change.allowed for each in signatures for change in each.modifications):
        return Headline.VALID_WITH_ADDITIONS
    if any(each.signer is not None and each.signer.not_after < report.validated_at for each in signatures):
        return Headline.VALID_ENDED_SINCE
    return Headline.SEAL_VALID if signatures and all(map(is_seal, signatures)) else Headline.VALID


def words_of(report: ValidationReport) -> Words:
    """Headline, sentence and next step, with the names of the file filled in."""
    words = HEADLINES[headline_of(report)]
    names = ", ".join(dict.fromkeys(_name(each) for each in _signatures(report))) or "-"
    sentence = words.sentence
    if report.reason is not None and report.indication is not Indication.UNREADABLE:
        sentence = REASONS[report.reason]
    return Words(
        headline=words.headline,
        sentence=sentence.filled(nama=names, instansi=names) if "{" in sentence.id else sentence,
        next_step=words.next_step,
    )


def is_seal(signature: SignatureReport) -> bool:
    """Whether a body sealed it: its certificate names the body alone, and no person is ever shown for it."""
    signer = signature.signer
    return signer is not None and signer.organisation is not None and signer.subject == signer.organisation


def facts(report: ValidationReport, *, zone: tzinfo = WITA) -> tuple[Fact, ...]:
    """Unchanged? Who? Good at signing time? Empty where there is no signature to ask about."""
    signatures = _signatures(report)
    if not signatures:
        return ()
    return _unchanged(signatures), _who(signatures), _good_then(signatures, zone)


def readable_time(moment: datetime, zone: tzinfo) -> Text:
    """`21 November 2026 12.00 WITA` and its English sister."""
    local = moment.astimezone(zone)
    name = local.tzname() or "UTC"
    indonesian, english = _MONTHS[local.month - 1]
    return Text(
        id=f"{local.day} {indonesian} {local.year} {local:%H.%M} {name}",
        en=f"{local.day} {english} {local.year} {local:%H:%M} {name}",
    )


def _unchanged(signatures: tuple[SignatureReport, ...]) -> Fact:
    question = Text(id="Apakah isinya berubah?", en="Has the content changed?")
    broken = {SubIndication.HASH_FAILURE, SubIndication.SIG_CRYPTO_FAILURE, SubIndication.DOCUMENT_CHANGED}
    if any(each.reason in broken for each in signatures) or any(
        not change.allowed for each in signatures for change in each.modifications
    ):
        text = Text(id="Isi berubah setelah ditandatangani.", en="The content was changed after signing.")
        return Fact(question=question, answer=Answer.BAD, text=text)
    if not all(each.intact for each in signatures):
        text = Text(
            id="Tidak dapat dipastikan: tanda tangannya tidak dapat diperiksa.",
            en="Not certain: the signature cannot be checked.",
        )
        return Fact(question=question, answer=Answer.MIDDLE, text=text)
    if any(each.modifications for each in signatures):
        text = Text(
            id="Ada tambahan setelah tanda tangan; lihat daftarnya.",
            en="Something was added after signing; see the list.",
        )
        return Fact(question=question, answer=Answer.MIDDLE, text=text)
    text = Text(id="Tidak berubah sejak ditandatangani.", en="Unchanged since it was signed.")
    return Fact(question=question, answer=Answer.GOOD, text=text)


def _who(signatures: tuple[SignatureReport, ...]) -> Fact:
    question = Text(id="Siapa yang menandatangani?", en="Who signed it?")
    if any(not each.intact or each.signer is None for each in signatures):
        text = Text(id="Identitas tidak dapat dibuktikan.", en="The identity cannot be proven.")
        return Fact(question=question, answer=Answer.BAD, text=text)
    if any(each.anchor is None for each in signatures):
        text = REASONS[SubIndication.NO_CERTIFICATE_CHAIN_FOUND]
        return Fact(question=question, answer=Answer.MIDDLE, text=text)
    indonesian, english = [], []
    for each in signatures:
        issuer = each.signer.issuer if each.signer else "-"
        seal = is_seal(each)
        kind_id = "tersertifikasi" if each.certified else "tidak tersertifikasi"
        kind_en = "certified" if each.certified else "not certified"
        indonesian.append(f"{'Disegel oleh ' if seal else ''}{_name(each)} — sertifikat dari {issuer}, {kind_id}.")
        english.append(f"{'Sealed by ' if seal else ''}{_name(each)} — certificate from {issuer}, {kind_en}.")
    return Fact(question=question, answer=Answer.GOOD, text=Text(id=" ".join(indonesian), en=" ".join(english)))


def _good_then(signatures: tuple[SignatureReport, ...], zone: tzinfo) -> Fact:
    question = Text(id="Apakah sertifikatnya berlaku saat itu?", en="Was the certificate good at that time?")
    worst = next((each for each in signatures if each.reason in _NOT_GOOD), None)
    if worst is not None:
        text = Text(
            id="Belum berlaku, sudah dicabut, atau sudah berakhir pada saat penandatanganan.",
            en="Not yet valid, already revoked, or already expired at the time of signing.",
        )
        return Fact(question=question, answer=Answer.BAD, text=text)
    unsure = next((each for each in signatures if not _standing_known(each)), None)
    if unsure is not None:
        why = REASONS[unsure.reason or SubIndication.NO_POE]
        text = Text(id=f"Tidak dapat dipastikan: {why.id}", en=f"Not certain: {why.en}")
        return Fact(question=question, answer=Answer.MIDDLE, text=text)
    when = readable_time(max(each.proven_at for each in signatures if each.proven_at is not None), zone)
    text = Text(id=f"Berlaku pada {when.id}.", en=f"Good on {when.en}.")
    return Fact(question=question, answer=Answer.GOOD, text=text)


_NOT_GOOD: Final = frozenset({SubIndication.REVOKED, SubIndication.EXPIRED, SubIndication.NOT_YET_VALID})


def _standing_known(each: SignatureReport) -> bool:
    return each.passed and each.proven_at is not None


def _signatures(report: ValidationReport) -> tuple[SignatureReport, ...]:
    return tuple(each for each in report.signatures if each.kind is SignatureKind.SIGNATURE)


def _name(signature: SignatureReport) -> str:
    signer = signature.signer
    if signer is None:
        return "-"
    if signer.organisation is None or is_seal(signature):
        return signer.subject
    return f"{signer.subject}, {signer.organisation}"
