"""The four facts beneath the headline, each with its own answer and never melted into one tick."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.faces.public.privacy import Disclosure
from api.faces.public.reading import QUIET_CHANGES, is_changed, later_additions, only_seals, reason_of
from api.faces.public.settings import PublicSettings
from api.faces.public.signers import Signer, signer_of
from api.faces.public.standing import standing_lines
from api.faces.public.wording import Tone
from api.pages.moments import in_words
from api.pages.text import Text
from signer.after import Standing, StandingWord
from signer.model import SignatureRecord
from verifier.model import Indication, SignatureKind, SignatureReport, SubIndication, ValidationReport

CHANGED_QUESTION: Final = Text("Apakah isinya berubah?", "Was the content changed?")
WHO_QUESTION: Final = Text("Siapa yang menandatangani?", "Who signed it?")
WHO_SEALED_QUESTION: Final = Text("Siapa yang menyegel?", "Who sealed it?")
THEN_QUESTION: Final = Text("Apakah sertifikatnya berlaku saat itu?", "Was the certificate good at that time?")
STANDING_QUESTION: Final = Text("Apakah dokumennya masih berlaku?", "Does the document still stand?")

NO_SIGNATURE: Final = Text(
    "Tidak dapat diketahui: tidak ada tanda tangan elektronik.", "Unknown: there is no electronic signature."
)
UNCHANGED: Final = Text("Tidak berubah sejak ditandatangani.", "Unchanged since it was signed.")
UNCHANGED_SEAL: Final = Text("Tidak berubah sejak disegel.", "Unchanged since it was sealed.")
UNCHANGED_SEAL_QUIETLY: Final = Text(
    "Tidak berubah sejak disegel; sesudahnya hanya ditambahkan data pembuktian.",
    "Unchanged since it was sealed; only proof data were added later.",
)
UNCHANGED_QUIETLY: Final = Text(
    "Tidak berubah sejak ditandatangani; sesudahnya hanya ditambahkan data pembuktian.",
    "Unchanged since it was signed; only proof data were added later.",
)
CHANGED: Final = Text("Isi berubah setelah ditandatangani.", "The content was changed after signing.")
ADDED: Final = Text(
    "Ada tambahan setelah tanda tangan; lihat daftarnya.", "There are additions after the signature; see the list."
)
UNKNOWN: Final = Text("Tidak dapat dipastikan: {reason}.", "Cannot be told: {reason}.")
SIGNER_KNOWN: Final = Text(
    "{who} — sertifikat dari {issuer}, {standing}.", "{who} — certificate from {issuer}, {standing}."
)
SEAL_KNOWN: Final = Text(
    "Segel elektronik {who}, bukan tanda tangan seseorang — sertifikat dari {issuer}, {standing}.",
    "Electronic seal of {who}, nobody's signature — certificate from {issuer}, {standing}.",
)
INITIALS_KNOWN: Final = Text(
    "Diparaf (bukan tanda tangan) oleh {who} — sertifikat dari {issuer}, {standing}.",
    "Initialled (not signed) by {who} — certificate from {issuer}, {standing}.",
)
SIGNER_HIDDEN: Final = Text(
    "{agency}. Nama dan jabatan tidak ditampilkan untuk naskah ini.",
    "{agency}. Name and office are not shown for this letter.",
)
ALL_HIDDEN: Final = Text("Tidak ditampilkan untuk naskah ini.", "Not shown for this letter.")
UNPROVEN: Final = Text("Identitas tidak dapat dibuktikan.", "The identity cannot be proven.")
ISSUER_UNKNOWN: Final = Text(
    "Penerbit sertifikat tidak ada dalam daftar kepercayaan kami.", "The certificate's issuer is not on our trust list."
)
ONLY_WRITTEN: Final = Text("Nama yang tertulis, belum terbukti: {who}.", "The name as written, not proven: {who}.")
GOOD_AT: Final = Text("Berlaku pada {moment}.", "Good on {moment}.")
GOOD_THEN: Final = Text("Berlaku saat ditandatangani.", "Good when it was signed.")
NOT_GOOD: Final = Text(
    "Sudah dicabut atau berakhir pada saat penandatanganan.", "Already revoked or expired at the time of signing."
)
NOT_YET_GOOD: Final = Text("Belum berlaku pada saat penandatanganan.", "Not valid yet at the time of signing.")
NOT_REGISTERED: Final = Text(
    "Tidak terdaftar di sini, jadi tidak diketahui.", "Not registered here, so we do not know."
)

_STANDING: Final = {
    StandingWord.WITHDRAWN: Tone.WARNING,
    StandingWord.REPLACED: Tone.NOTE,
    StandingWord.EXPIRED: Tone.UNSURE,
    StandingWord.STANDS: Tone.GOOD,
}
_NOT_GOOD_THEN: Final = {
    SubIndication.REVOKED: NOT_GOOD,
    SubIndication.EXPIRED: NOT_GOOD,
    SubIndication.NOT_YET_VALID: NOT_YET_GOOD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One question and what we can answer."""

    question: Text
    tone: Tone
    answers: tuple[Text, ...]


def four_facts(
    report: ValidationReport,
    *,
    record: SignatureRecord | None,
    shows: Disclosure,
    settings: PublicSettings,
    standing: Standing,
) -> tuple[Fact, Fact, Fact, Fact]:
    """Unchanged, who, good at signing time, withdrawn: about every signature of the file, the worst answer ruling."""
    persons = [each for each in report.signatures if each.kind is SignatureKind.SIGNATURE]
    return (
        _unchanged(report.signatures),
        _who(persons, record, shows, standing.initials),
        _good_then(persons, report.validated_at, shows, settings),
        _standing(record, standing, report.validated_at, settings),
    )


def _unchanged(signatures: Sequence[SignatureReport]) -> Fact:
    def answer(tone: Tone, text: Text) -> Fact:
        return Fact(question=CHANGED_QUESTION, tone=tone, answers=(text,))

    if not signatures:
        return answer(Tone.UNSURE, NO_SIGNATURE)
    if any(is_changed(each) for each in signatures):
        return answer(Tone.BAD, CHANGED)
    for each in signatures:
        if not each.intact:
            return answer(Tone.UNSURE, UNKNOWN.fill(reason=reason_of(each.reason)))
    if any(later_additions(each) for each in signatures):
        return answer(Tone.NOTE, ADDED)
    quietly = any(change.kind in QUIET_CHANGES for each in signatures for change in each.modifications)
    if only_seals(signatures):
        return answer(Tone.GOOD, UNCHANGED_SEAL_QUIETLY if quietly else UNCHANGED_SEAL)
    return answer(Tone.GOOD, UNCHANGED_QUIETLY if quietly else UNCHANGED)


def _who(
    persons: Sequence[SignatureReport],
    record: SignatureRecord | None,
    shows: Disclosure,
    initials: frozenset[str],
) -> Fact:
    if not persons:
        return Fact(question=WHO_QUESTION, tone=Tone.UNSURE, answers=(NO_SIGNATURE,))
    answers: list[Text] = []
    tones: list[Tone] = []
    for each in persons:
        tone, lines = _who_of(each, signer_of(each, record, shows), initials=each.field_name in initials)
        tones.append(tone)
        answers += [line for line in lines if line not in answers]
    question = WHO_SEALED_QUESTION if only_seals(persons) else WHO_QUESTION
    return Fact(question=question, tone=_worst(tones), answers=tuple(answers))


def _who_of(signature: SignatureReport, signer: Signer, *, initials: bool) -> tuple[Tone, tuple[Text, ...]]:
    if is_changed(signature) or (signature.indication is Indication.TOTAL_FAILED and not signature.intact):
        return Tone.BAD, (UNPROVEN,)
    if signer.name is None:
        if signer.agency is None:
            return Tone.NOTE, (ALL_HIDDEN,)
        return Tone.NOTE, (SIGNER_HIDDEN.fill(agency=signer.agency),)
    if signer.issuer is None or signer.standing is None:
        return Tone.UNSURE, (ISSUER_UNKNOWN, ONLY_WRITTEN.fill(who=signer.phrase or signer.name))
    pattern = INITIALS_KNOWN if initials else SEAL_KNOWN if signer.sealed else SIGNER_KNOWN
    known = pattern.fill(who=signer.phrase or signer.name, issuer=signer.issuer, standing=signer.standing)
    return Tone.GOOD if signature.passed else Tone.UNSURE, (known,)


def _good_then(
    persons: Sequence[SignatureReport], validated_at: datetime, shows: Disclosure, settings: PublicSettings
) -> Fact:
    if not persons:
        return Fact(question=THEN_QUESTION, tone=Tone.UNSURE, answers=(NO_SIGNATURE,))
    answers: list[Text] = []
    tones: list[Tone] = []
    for each in persons:
        tone, line = _good_then_of(each, validated_at, shows, settings)
        tones.append(tone)
        if line not in answers:
            answers.append(line)
    return Fact(question=THEN_QUESTION, tone=_worst(tones), answers=tuple(answers))


def _good_then_of(
    signature: SignatureReport, validated_at: datetime, shows: Disclosure, settings: PublicSettings
) -> tuple[Tone, Text]:
    if signature.reason in _NOT_GOOD_THEN:
        return Tone.BAD, _NOT_GOOD_THEN[signature.reason]
    if not signature.passed or is_changed(signature):
        return Tone.UNSURE, UNKNOWN.fill(reason=reason_of(signature.reason))
    if not shows.signer:
        return Tone.GOOD, GOOD_THEN
    proven = in_words(signature.proven_at or validated_at, utc_offset_hours=settings.utc_offset_hours)
    return Tone.GOOD, GOOD_AT.fill(moment=proven)


def _standing(
    record: SignatureRecord | None, standing: Standing, validated_at: datetime, settings: PublicSettings
) -> Fact:
    if record is None:
        return Fact(question=STANDING_QUESTION, tone=Tone.UNSURE, answers=(NOT_REGISTERED,))
    lines = standing_lines(standing, validated_at, settings)
    tone = _STANDING[standing.word(validated_at)]
    if standing.unfinished is not None and tone is Tone.GOOD:
        tone = Tone.NOTE
    return Fact(question=STANDING_QUESTION, tone=tone, answers=lines)


def _worst(tones: Sequence[Tone]) -> Tone:
    for tone in (Tone.BAD, Tone.UNSURE, Tone.NOTE):
        if tone in tones:
            return tone
    return Tone.GOOD
