"""Signing one document, step by step. Nothing is signed that is not written down first; nothing leaves unchecked."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

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
    SignatureRecord,
    SignedDocument,
    SigningIntent,
    SigningOutcome,
    SigningState,
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
        self._require_trail()
        require_printable(request)
        intake = inspect(request.document, self._limits)
        page = page_index(request.stamp, intake.page_count) if request.stamp else None
        credential = usable_credential(self._credentials, request.credential_id, at=self._now())
        if self._appointments is not None:
            require_appointed(request.signed_as, credential.signatory.id, self._appointments, at=self._now())
        key = open_key(self._credentials, self._keys, credential, request.passphrase, turns=self._turns, now=self._now)
        self._redeem_consent(request, intake)
        intent = self._reserve(request, intake, credential)
        try:
            appearance = self._appearance(request, credential, intent, page)
            usable_credential(self._credentials, credential.id, at=self._now())  # suspended since step 2: not signed
            signed = self._sign_pdf(request, intake, credential, key, appearance)
            require_sound(signed, intake.document, credential.chain, request.level)
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

    def _reserve(self, request: SignRequest, intake: Intake, credential: Credential) -> SigningIntent:
        """Step 5."""
        intent = SigningIntent(
            code=make(self._random_bytes),
            credential_id=credential.id,
            client_id=request.client_id,
            signatory_name=credential.signatory.name,
            certificate_serial=credential.certificate.serial_number,
            input_sha256=intake.sha256,
            level=request.level,
            signed_as=request.signed_as,
            letter=request.letter,
            reserved_at=self._now(),
        )
        self._log.reserve(intent)
        return intent

    def _appearance(
        self, request: SignRequest, credential: Credential, intent: SigningIntent, page: int | None
    ) -> Appearance | None:
        """Step 6; `None` for an invisible signature."""
        if request.stamp is None or page is None:
            return None
        text = stamp_text(
            credential,
            request.signed_as,
            intent.code,
            address=self._verify_url(intent.code),
            at=intent.reserved_at,
            certified_anchors=self._certified_anchors,
        )
        drawing = self._painter.paint(text, intent.reserved_at)
        return Appearance(drawing=drawing, page_index=page, placement=request.stamp)

    def _sign_pdf(
        self,
        request: SignRequest,
        intake: Intake,
        credential: Credential,
        key: ec.EllipticCurvePrivateKey,
        appearance: Appearance | None,
    ) -> SignedPdf:
        """Step 7."""
        text = SignatureText(
            signed_at=self._now(),
            name=credential.signatory.name,
            reason=request.reason,
            location=request.location,
        )
        return sign_pdf(
            intake,
            CmsSigner(key, credential.chain),
            text,
            request.level,
            chain=credential.chain,
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
