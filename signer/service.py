"""Signing one document, step by step. Nothing is signed that is not written down first; nothing leaves unchecked."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from signer.activation import consent
from signer.appearance import Appearance
from signer.appointments import Appointments, require_appointed
from signer.cms_signer import CmsSigner
from signer.errors import (
    KeyUnavailable,
    Refused,
    ResultUnsound,
    StatusUnavailable,
    TimestampUnavailable,
)
from signer.intake import Intake, IntakeLimits, inspect
from signer.model import (
    Credential,
    OpenKey,
    Secret,
    SignatureRecord,
    SignedDocument,
    SigningIntent,
    SigningOutcome,
    SigningState,
    SigningTask,
    SignRequest,
    ValidationData,
    VerificationCode,
)
from signer.opening import Turns, open_key, usable_credential
from signer.pades import Chain, SignatureText, SignedPdf, sign_pdf
from signer.placement import page_index
from signer.ports import (
    ActivationStore,
    CredentialStore,
    DocumentVault,
    KeyVault,
    SignatureLog,
    StatusSource,
    Timestamper,
)
from signer.result import require_sound
from signer.stamp import StampPainter, stamp_text
from signer.status import collect
from signer.texts import require_printable
from signer.timestamping import TimestampAuthorities
from signer.verification_code import make

_FAILURES: Final[dict[type[Exception], str]] = {
    KeyUnavailable: "key-unavailable",
    TimestampUnavailable: "timestamp-unavailable",
    StatusUnavailable: "status-unavailable",
    ResultUnsound: "result-unsound",
}


class SigningService:
    """Documents in, PAdES documents out. Build it once a process; `sign` may run in several threads."""

    def __init__(
        self,
        *,
        credentials: CredentialStore,
        keys: KeyVault,
        activations: ActivationStore,
        log: SignatureLog,
        vault: DocumentVault,
        timestampers: Sequence[Timestamper],
        status: StatusSource,
        verify_url: Callable[[VerificationCode], str],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        limits: IntakeLimits | None = None,
        certified_anchors: frozenset[bytes] = frozenset(),
        appointments: Appointments | None = None,
        require_trail: Callable[[], object] = lambda: None,
    ) -> None:
        """`verify_url` gives the address in the QR; `certified_anchors` are SHA-256 fingerprints of roots whose
        certificates make a signature *tersertifikasi*; `now` gives aware UTC; `random_bytes` a CSPRNG's octets;
        `require_trail` raises `Unavailable` while the audit trail is not proven: no log, no act."""
        self._require_trail = require_trail
        self._credentials = credentials
        self._keys = keys
        self._activations = activations
        self._log = log
        self._vault = vault
        self._authorities = TimestampAuthorities(timestampers, now=now)
        self._status = status
        self._verify_url = verify_url
        self._now = now
        self._random_bytes = random_bytes
        self._limits = limits or IntakeLimits()
        self._certified_anchors = certified_anchors
        self._appointments = appointments
        self._painter = StampPainter()
        self._turns = Turns()

    def sign(self, request: SignRequest) -> SignedDocument:
        """Sign one document with one credential.

        0. The audit trail is proven, and this signing will be.      else Unavailable; nothing is tried or counted
        1. The texts can be written, the document may be signed, and the stamp's page exists.
                                                                     else TextRefused, DocumentRefused, StampRefused
        2. The credential is active and its certificate in date.     else CredentialUnknown, CredentialUnusable
           Who signs as acting (Plt., Plh. ...) was appointed.       else AppointmentMissing
        3. The attempt is counted; the passphrase opens the key.     else PassphraseLocked, PassphraseWrong
        4. Consent for exactly this digest is granted and redeemed.  else ActivationRefused
        5. The intent is reserved: from here on a crash leaves a trace, and every failure is recorded with its reason.
        6. The stamp is drawn.                                       else StampRefused
        7. The credential still stands; then the PDF is signed, timestamped, given its status.
                                                                     else CredentialUnusable: suspended; Unavailable
        8. The result is checked with the public key.                else ResultUnsound
        9. The signed document is stored, then the outcome recorded.

        `Refused` is safe to show to the caller, `Unavailable` is for the log.
        """
        page, intake = self._admitted(request)
        key = self._opened(self._usable(request), request.passphrase)
        self._redeem_consent(request, intake)
        return self._sign(request, intake, page, key)

    def open(self, credential_id: str, passphrase: Secret) -> OpenKey:
        """Steps 0, 2 and 3 alone, for several documents under one consent; raises as `sign` does."""
        self._require_trail()
        return self._opened(usable_credential(self._credentials, credential_id, at=self._now()), passphrase)

    def sign_opened(self, task: SigningTask, key: OpenKey, redeem: Callable[[str], None]) -> SignedDocument:
        """Steps 0 to 9 with a key that is open. `redeem` uses the consent up for the digest (SHA-256, hex) that it is
        given, or raises `ActivationRefused`; it is called before the key is used, and commits before it returns."""
        if task.credential_id != key.credential.id:
            raise ValueError("the open key is another credential's")
        page, intake = self._admitted(task)
        self._usable(task)
        redeem(intake.sha256)
        return self._sign(task, intake, page, key)

    def _admitted(self, task: SigningTask) -> tuple[int | None, Intake]:
        """Steps 0 and 1: the stamp's page, and the document as it was read."""
        self._require_trail()
        require_printable(task)
        intake = inspect(task.document, self._limits)
        return (page_index(task.stamp, intake.page_count) if task.stamp else None), intake

    def _usable(self, task: SigningTask) -> Credential:
        """Step 2."""
        credential = usable_credential(self._credentials, task.credential_id, at=self._now())
        if self._appointments is not None:
            require_appointed(task.signed_as, credential.signatory.id, self._appointments, at=self._now())
        return credential

    def _opened(self, credential: Credential, passphrase: Secret) -> OpenKey:
        """Step 3."""
        key = open_key(self._credentials, self._keys, credential, passphrase, turns=self._turns, now=self._now)
        return OpenKey(credential=credential, key=key)

    def _sign(self, task: SigningTask, intake: Intake, page: int | None, opened: OpenKey) -> SignedDocument:
        """Steps 5 to 9."""
        credential = opened.credential
        intent = self._reserve(task, intake, credential)
        try:
            appearance = self._appearance(task, credential, intent, page)
            usable_credential(self._credentials, credential.id, at=self._now())  # suspended since step 2: not signed
            signed = self._sign_pdf(task, intake, opened, appearance)
            require_sound(signed, intake.document, credential.chain, task.level)
            digest = self._vault.put(signed.pdf)
        except Exception as error:
            self._log.record(intent.code, self._failure(error))
            raise
        outcome = SigningOutcome(
            state=SigningState.SIGNED,
            at=self._now(),
            document_sha256=digest,
            document_size=len(signed.pdf),
            page_count=intake.page_count,
        )
        self._log.record(intent.code, outcome)
        return SignedDocument(pdf=signed.pdf, record=SignatureRecord(intent=intent, outcome=outcome))

    def _redeem_consent(self, request: SignRequest, intake: Intake) -> None:
        """Step 4."""
        given = consent(
            credential_id=request.credential_id,
            client_id=request.client_id,
            digests=frozenset({intake.sha256}),
            at=self._now(),
            random_bytes=self._random_bytes,
        )
        self._activations.grant(given)
        self._activations.redeem(
            given.id,
            client_id=request.client_id,
            credential_id=request.credential_id,
            digest=intake.sha256,
            at=self._now(),
        )

    def _reserve(self, task: SigningTask, intake: Intake, credential: Credential) -> SigningIntent:
        """Step 5."""
        intent = SigningIntent(
            code=make(self._random_bytes),
            credential_id=credential.id,
            client_id=task.client_id,
            signatory_name=credential.signatory.name,
            certificate_serial=credential.certificate.serial_number,
            input_sha256=intake.sha256,
            level=task.level,
            signed_as=task.signed_as,
            letter=task.letter,
            reserved_at=self._now(),
        )
        self._log.reserve(intent)
        return intent

    def _appearance(
        self, task: SigningTask, credential: Credential, intent: SigningIntent, page: int | None
    ) -> Appearance | None:
        """Step 6; `None` for an invisible signature."""
        if task.stamp is None or page is None:
            return None
        text = stamp_text(
            credential,
            task.signed_as,
            intent.code,
            address=self._verify_url(intent.code),
            at=intent.reserved_at,
            certified_anchors=self._certified_anchors,
        )
        drawing = self._painter.paint(text, intent.reserved_at)
        return Appearance(drawing=drawing, page_index=page, placement=task.stamp)

    def _sign_pdf(
        self,
        task: SigningTask,
        intake: Intake,
        opened: OpenKey,
        appearance: Appearance | None,
    ) -> SignedPdf:
        """Step 7."""
        text = SignatureText(
            signed_at=self._now(),
            name=opened.credential.signatory.name,
            reason=task.reason,
            location=task.location,
        )
        return sign_pdf(
            intake,
            CmsSigner(opened.key, opened.credential.chain),
            text,
            task.level,
            chain=opened.credential.chain,
            appearance=appearance,
            authorities=self._authorities,
            status_of=self._status_of,
        )

    def _status_of(self, chains: tuple[Chain, ...]) -> ValidationData:
        return collect(self._status, chains, now=self._now)

    def _failure(self, error: Exception) -> SigningOutcome:
        """How a signing that got as far as step 5 failed: a stable word, never the error's text."""
        reason = error.reason if isinstance(error, Refused) else _FAILURES.get(type(error), "internal")
        return SigningOutcome(state=SigningState.FAILED, at=self._now(), failure=reason)
