"""Signing one document, step by step. Nothing is signed that is not written down first; nothing leaves unchecked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from signer.activation import consent
from signer.acts import Examined, SigningActs
from signer.after import LetterLog
from signer.appearance import Appearance
from signer.appointments import Appointments
from signer.cms_signer import CmsSigner
from signer.embedding import with_room
from signer.intake import Intake, IntakeLimits
from signer.kinds import KindRules
from signer.model import (
    Credential,
    OpenKey,
    Secret,
    SignatureRecord,
    SignedDocument,
    SigningIntent,
    SigningTask,
    SignRequest,
    VerificationCode,
)
from signer.opening import Turns, open_key, usable_credential
from signer.pades import SignedPdf
from signer.ports import (
    ActivationStore,
    CredentialStore,
    DocumentVault,
    KeyVault,
    SignatureLog,
    StatusSource,
    TextFinder,
)
from signer.quotas import Quotas
from signer.stamp_catalogue import StampCatalogue
from signer.timestamping import TimestampAuthorities


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A document of which everything is known but the signature."""

    examined: Examined
    credential: Credential
    intent: SigningIntent
    appearance: Appearance | None


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
        authorities: TimestampAuthorities,
        status: StatusSource,
        verify_url: Callable[[VerificationCode], str],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        limits: IntakeLimits | None = None,
        certified_anchors: frozenset[bytes] = frozenset(),
        appointments: Appointments | None = None,
        kinds: KindRules | None = None,
        letters: LetterLog | None = None,
        require_trail: Callable[[], object] = lambda: None,
        stamps: StampCatalogue | None = None,
        quotas: Quotas | None = None,
        texts: TextFinder | None = None,
    ) -> None:
        """`verify_url` gives the address in the QR; `certified_anchors` are SHA-256 fingerprints of roots whose
        certificates make a signature *tersertifikasi*; `now` gives aware UTC; `random_bytes` a CSPRNG's octets;
        `kinds` says which kinds of letters stay outside, `letters` what became of earlier ones; `require_trail` raises
        `Unavailable` while the audit trail is not proven: no log, no act; `stamps` are the templates, the house's own
        where none are given; without `texts` no tag is looked for."""
        self.acts = SigningActs(
            credentials=credentials,
            vault=vault,
            authorities=authorities,
            status=status,
            verify_url=verify_url,
            now=now,
            random_bytes=random_bytes,
            limits=limits or IntakeLimits(),
            certified_anchors=certified_anchors,
            appointments=appointments,
            kinds=kinds,
            letters=letters,
            require_trail=require_trail,
            stamps=stamps or StampCatalogue(),
            texts=texts,
        )
        self._credentials = credentials
        self._keys = keys
        self._activations = activations
        self._log = log
        self._now = now
        self._random_bytes = random_bytes
        self._turns = Turns()
        self._quotas = quotas

    def sign(self, request: SignRequest) -> SignedDocument:
        """Sign one document with one credential.

        0. The audit trail is proven, and this signing will be.      else Unavailable; nothing is tried or counted
        1. The texts can be written, the document may be signed, the stamp fits where it goes.
                                                                     else TextRefused, DocumentRefused, StampRefused
        2. The credential is active and its certificate in date.     else CredentialUnknown, CredentialUnusable
           The kind of letter may be signed electronically.          else KindRefused
           The letter is not withdrawn, and may replace another one. else LetterRefused
           Who signs as acting (Plt., Plh. ...) was appointed.       else AppointmentMissing
           The stamp is drawn, under two new codes.                  else StampRefused
           The quotas of client and credential are not used up.      else QuotaExceeded
        3. The attempt is counted; the passphrase opens the key.     else PassphraseLocked, PassphraseWrong
        4. Consent for exactly this digest is granted and redeemed.  else ActivationRefused
        5. The intent is reserved: from here on a crash leaves a trace, and every failure is recorded with its reason.
        6. The credential still stands.                              else CredentialUnusable: suspended
        7. The PDF is signed, timestamped, given its status.         else Unavailable, CredentialUnusable: revoked
        8. The result is checked with the public key.                else ResultUnsound
        9. The signed document is stored, then the outcome recorded.

        `Refused` is safe to show to the caller, `Unavailable` is for the log.
        """
        self.acts.require_trail()
        draft = self._draft(request)
        self._count(request)
        key = self._opened(draft.credential, request.passphrase)
        self._redeem_consent(request, draft.examined.intake)
        return self._sign(request, draft, key)

    def open(self, credential_id: str, passphrase: Secret) -> OpenKey:
        """Steps 0, 2 and 3 alone, for several documents under one consent; raises as `sign` does."""
        self.acts.require_trail()
        return self._opened(usable_credential(self._credentials, credential_id, at=self._now()), passphrase)

    def sign_opened(self, task: SigningTask, key: OpenKey, redeem: Callable[[str], None]) -> SignedDocument:
        """Steps 0 to 9 with a key that is open, for what is counted in the quotas already. `redeem` uses the consent up
        for the digest (SHA-256, hex) that it is given, or raises `ActivationRefused`; it is called before the key is
        used, and commits before it returns."""
        if task.credential_id != key.credential.id:
            raise ValueError("the open key is another credential's")
        self.acts.require_trail()
        draft = self._draft(task)
        redeem(draft.examined.intake.sha256)
        return self._sign(task, draft, key)

    def sign_together(
        self, tasks: Sequence[SigningTask], open_with: Callable[[], OpenKey]
    ) -> tuple[SignedDocument, ...]:
        """Steps 0 to 9 for several documents of one credential, whose key `open_with` opens for what is counted in the
        quotas already: it is called once every one of them could be signed, and uses their consent up before."""
        self.acts.require_trail()
        drafts = [self._draft(task) for task in tasks]
        key = open_with()
        if any(task.credential_id != key.credential.id for task in tasks):
            raise ValueError("the open key is another credential's")
        return tuple(self._sign(task, draft, key) for task, draft in zip(tasks, drafts, strict=True))

    def _draft(self, task: SigningTask) -> "_Draft":
        """Steps 1 and 2, but for the quotas."""
        examined = self.acts.examine(task)
        credential = self.acts.credential(task, examined.intake.sha256)
        intent = self.acts.intent(task, examined.intake.sha256, credential)
        appearance = self.acts.appearance(task, examined, credential, intent)
        return _Draft(examined=examined, credential=credential, intent=intent, appearance=appearance)

    def _count(self, task: SigningTask) -> None:
        """The last part of step 2; raises `QuotaExceeded`."""
        if self._quotas is not None:
            self._quotas.count(client_id=task.client_id, credential_id=task.credential_id)

    def _opened(self, credential: Credential, passphrase: Secret) -> OpenKey:
        """Step 3."""
        key = open_key(self._credentials, self._keys, credential, passphrase, turns=self._turns, now=self._now)
        return OpenKey(credential=credential, key=key)

    def _sign(self, task: SigningTask, draft: "_Draft", opened: OpenKey) -> SignedDocument:
        """Steps 5 to 9."""
        acts, intent = self.acts, replace(draft.intent, reserved_at=self._now())
        self._log.reserve(intent)
        try:
            usable_credential(self._credentials, opened.credential.id, at=self._now())
            signed = self._signed(task, draft, opened)
            outcome = acts.store(signed, page_count=draft.examined.intake.page_count)
        except Exception as error:
            self._log.record(intent.code, acts.failure(error))
            raise
        self._log.record(intent.code, outcome)
        spot = draft.examined.spot
        return SignedDocument(
            document=signed.document,
            record=SignatureRecord(intent=intent, outcome=outcome),
            tag=None if spot is None else spot.tag_place,
        )

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

    def _signed(self, task: SigningTask, draft: "_Draft", opened: OpenKey) -> SignedPdf:
        """Steps 7 and 8; a second time where the room for the signature turns out too small."""
        examined, credential = draft.examined, opened.credential
        signer = CmsSigner(opened.key, credential.chain)

        def write(room: int) -> SignedPdf:
            prepared = self.acts.prepare(task, examined, credential, draft.appearance, room=room)
            value = signer.value(prepared.digest)
            return self.acts.finish(prepared, value, credential, task.level, original=examined.intake.document)

        return with_room(self.acts.room(credential, task.level), write)
