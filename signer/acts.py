"""The acts of one signing: prepared, signed, finished. `SigningService` does them at once, a batch hours apart.

Only `prepare` and `finish` read or write a PDF, and neither needs a passphrase or a key: between them lies one digest
to sign, which is no secret, and so is the signature value.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from signer.after import LetterLog, replaced_letter
from signer.appearance import Appearance, DrawnStamp
from signer.appointments import Appointments, require_appointed
from signer.archival import Chain
from signer.document import Content
from signer.embedding import NoRoom
from signer.errors import KeyUnavailable, Refused, ResultUnsound, StatusUnavailable, TimestampUnavailable
from signer.intake import Intake, IntakeLimits, inspect, new_decode_limits
from signer.kinds import KindRules
from signer.locks import field_name, lock_spec, permission_after, permission_of, require_lockable
from signer.mark_painter import MarkPainter
from signer.model import (
    Credential,
    Mark,
    SignatureLevel,
    SigningAct,
    SigningIntent,
    SigningOutcome,
    SigningState,
    SigningTask,
    SigningTerms,
    ValidationData,
    VerificationCode,
)
from signer.on_behalf import require_well_formed
from signer.opening import usable_credential
from signer.pades import PreparedPdf, SignatureText, SignedPdf, finish_pdf, prepare_pdf, room_for
from signer.page_marks import PageMarks, require_markable
from signer.ports import CredentialStore, DocumentVault, StatusSource, TextFinder
from signer.result import require_sound
from signer.spot import Spot
from signer.spots import Spots, drawn_on
from signer.stamp import StampText, stamp_text
from signer.stamp_catalogue import StampCatalogue
from signer.stamp_template import StampKind, StampTemplate
from signer.status import collect
from signer.texts import require_printable
from signer.timestamping import Timestamp, TimestampAuthorities
from signer.verification_code import make

_FAILURES: Final[dict[type[Exception], str]] = {
    KeyUnavailable: "key-unavailable",
    TimestampUnavailable: "timestamp-unavailable",
    StatusUnavailable: "status-unavailable",
    ResultUnsound: "result-unsound",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """How an act is called inside of the document."""

    stem: str
    label: str
    reason: str | None


_WORDS: Final = {
    SigningAct.SIGNATURE: _Words(stem="Signature", label="Tanda tangan elektronik", reason=None),
    SigningAct.INITIALS: _Words(stem="Paraf", label="Paraf elektronik", reason="Paraf"),
}
_STAMPS: Final = {SigningAct.SIGNATURE: StampKind.SIGNATURE, SigningAct.INITIALS: StampKind.PARAF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A document that may be signed, and where its stamp goes."""

    intake: Intake
    spot: Spot | None
    """`None` for an invisible signature."""
    field_name: str
    """Of the field that is signed."""
    footer: StampTemplate | None
    """Of every page; `None` for none."""


class SigningActs:
    """What signing one document consists of, each act on its own. Safe in several threads."""

    def __init__(
        self,
        *,
        credentials: CredentialStore,
        vault: DocumentVault,
        authorities: TimestampAuthorities,
        status: StatusSource,
        verify_url: Callable[[VerificationCode], str],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        limits: IntakeLimits,
        certified_anchors: frozenset[bytes],
        appointments: Appointments | None,
        kinds: KindRules | None,
        letters: LetterLog | None,
        require_trail: Callable[[], object],
        stamps: StampCatalogue,
        texts: TextFinder | None,
    ) -> None:
        """The arguments are those of `SigningService`."""
        self.require_trail = require_trail
        self._credentials = credentials
        self._vault = vault
        self._authorities = authorities
        self._status = status
        self._verify_url = verify_url
        self._now = now
        self._random_bytes = random_bytes
        self._limits = limits
        self._certified_anchors = certified_anchors
        self._appointments = appointments
        self._kinds = kinds
        self.stamps = stamps
        """Every template, for whoever shows them."""
        self._letters = letters
        self._spots = Spots(stamps, texts, limits)
        self._marks = MarkPainter()

    def examine(self, task: SigningTask) -> Examined:
        """Step 1. Raises `TextRefused`, `DocumentRefused`, `StampRefused`."""
        require_printable(task)
        require_well_formed(task.signed_as)
        intake = inspect(task.document, self._limits)
        require_lockable(task, signatures=intake.signatures, field_names=intake.field_names)
        spot = self._spots.find(task, intake, _STAMPS[task.act])
        existing = spot.field.name if spot is not None and spot.field is not None else None
        name = field_name(existing, _WORDS[task.act].stem, intake.field_names, intake.locks)
        footer = self.stamps.footer(task.footer, task.signed_as.agency)
        if footer is not None:
            require_markable(intake, task.act)
        return Examined(intake=intake, spot=spot, field_name=name, footer=footer)

    def credential(self, task: SigningTerms, input_sha256: str | None = None) -> Credential:
        """Step 2; `input_sha256` (hex) where the document is known already. Raises `CredentialUnknown`,
        `CredentialUnusable`, `KindRefused`, `LetterRefused`, `AppointmentMissing`."""
        credential = usable_credential(self._credentials, task.credential_id, at=self._now())
        if self._kinds is not None:
            signatory = credential.signatory.id
            self._kinds.require_allowed(task.letter.kind, client_id=task.client_id, signatory_id=signatory)
        if input_sha256 is not None:
            self._replaced(task, input_sha256)
        if self._appointments is not None:
            require_appointed(task.signed_as, credential.signatory.id, self._appointments, at=self._now())
        return credential

    def rehearse(self, task: SigningTask) -> Examined:
        """Steps 1 and 2 with codes that nobody gets: whatever can be refused is refused before somebody is asked for a
        factor. Raises as `examine`, `credential` and `appearance`."""
        examined = self.examine(task)
        credential = self.credential(task, examined.intake.sha256)
        self.appearance(task, examined, credential, self.intent(task, examined.intake.sha256, credential))
        return examined

    def intent(self, task: SigningTerms, input_sha256: str, credential: Credential) -> SigningIntent:
        """What is to be reserved in step 5, under two new random codes."""
        return SigningIntent(
            code=make(self._random_bytes),
            credential_id=credential.id,
            client_id=task.client_id,
            signatory_name=credential.signatory.name,
            certificate_serial=credential.certificate.serial_number,
            input_sha256=input_sha256,
            level=task.level,
            signed_as=task.signed_as,
            letter=replace(task.letter, replaces=self._replaced(task, input_sha256)),
            reserved_at=self._now(),
            act=task.act,
            flow=task.flow if isinstance(task, SigningTask) else None,
            request_key=task.request_key if isinstance(task, SigningTask) else None,
        )

    def room(self, credential: Credential, level: SignatureLevel) -> int:
        """Octets that a signature of `level` will need inside of the document."""
        return room_for(credential.chain, level, self._authorities)

    def appearance(
        self, task: SigningTask, examined: Examined, credential: Credential, intent: SigningIntent
    ) -> Appearance | None:
        """What is seen, drawn; `None` for a signature that nobody sees. Raises `StampRefused` where the fonts lack a
        character or the texts do not fit in."""
        spot, footer, at = examined.spot, examined.footer, intent.reserved_at
        if spot is None and footer is None:
            return None
        text = stamp_text(
            credential,
            task.signed_as,
            intent.code,
            address=self._verify_url(intent.code),
            at=at,
            certified_anchors=self._certified_anchors,
            nip=spot.placement.nip if spot is not None else None,
        )
        stamp, marks, pdfa_1 = None, None, examined.intake.pdfa_1
        if spot is not None:
            stamp = DrawnStamp(drawing=self._painted(spot, text, examined.intake, at), spot=spot)
        if footer is not None:
            marks = PageMarks(template=footer, draw=self.stamps.footers(footer, text, at, pdfa_1=pdfa_1))
            marks.rehearse(examined.intake)
        return Appearance(stamp=stamp, marks=marks)

    def _painted(self, spot: Spot, text: StampText, intake: Intake, at: datetime) -> bytes:
        """What goes to `spot`: the template's stamp, or the application's own mark in the size of its box."""
        if spot.template is not None:
            return self.stamps.paint(spot.template, text, at, pdfa_1=intake.pdfa_1)
        mark = spot.mark or Mark()
        size = drawn_on(spot, intake).drawing[2:]
        return self._marks.paint(mark, (size[0], size[1]), address=text.address, at=at, pdfa_1=intake.pdfa_1)

    def prepare(
        self,
        task: SigningTask,
        examined: Examined,
        credential: Credential,
        appearance: Appearance | None,
        *,
        room: int,
    ) -> PreparedPdf:
        """Step 7, its first part: everything but the signature. Raises `DocumentRefused`, `StampRefused`."""
        words = _WORDS[task.act]
        text = SignatureText(
            signed_at=self._now(),
            name=credential.signatory.name,
            label="Segel elektronik" if credential.is_seal else words.label,
            reason=task.reason or words.reason,
            location=task.location,
        )
        return prepare_pdf(
            examined.intake,
            text,
            appearance,
            name=examined.field_name,
            room=room,
            lock=lock_spec(task.lock),
            closes=permission_after(task.lock),
            certify=permission_of(task.certify),
        )

    def finish(
        self, prepared: PreparedPdf, value: bytes, credential: Credential, level: SignatureLevel, *, original: Content
    ) -> SignedPdf:
        """The rest of step 7, and step 8: the signature in its place, timestamped, given its status, and checked.

        `original`: the document as it came in. Raises `NoRoom`, `TimestampUnavailable`, `StatusUnavailable`,
        `CredentialUnusable` (revoked), `ResultUnsound`.
        """
        signed = finish_pdf(
            prepared,
            value,
            level,
            chain=credential.chain,
            decode_limits=new_decode_limits(self._limits),
            authorities=self._authorities,
            status_of=self.status_of,
        )
        require_sound(signed, original, credential.chain, level)
        return signed

    def store(self, signed: SignedPdf, *, page_count: int) -> SigningOutcome:
        """Step 9, its first part: the document is durable. The outcome is the caller's to record."""
        return SigningOutcome(
            state=SigningState.SIGNED,
            at=self._now(),
            document_sha256=self._vault.put(signed.document),
            document_size=len(signed.document),
            page_count=page_count,
            field_name=signed.field_name,
        )

    def failure(self, error: Exception) -> SigningOutcome:
        """How a signing failed: a stable word, never the error's text."""
        return SigningOutcome(state=SigningState.FAILED, at=self._now(), failure=failure_word(error))

    def status_of(self, chains: tuple[Chain, ...]) -> ValidationData:
        """Fresh status for chains, the signatory's first. Raises `StatusUnavailable`, `CredentialUnusable`."""
        return collect(self._status, chains, now=self._now)

    def timestamp(self, digest: bytes) -> Timestamp:
        """A checked token over a SHA-256 `digest`; raises `TimestampUnavailable`."""
        return self._authorities.timestamp(digest)

    def _replaced(self, terms: SigningTerms, input_sha256: str) -> str | None:
        return None if self._letters is None else replaced_letter(self._letters, terms, input_sha256)


def failure_word(error: Exception) -> str:
    """A stable word for what went wrong; `internal` where nobody foresaw it."""
    if isinstance(error, Refused):
        return error.reason
    if isinstance(error, NoRoom):
        return "no-room"
    return _FAILURES.get(type(error), "internal")
