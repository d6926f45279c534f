"""Papers of the house itself, sealed without a person: a PDF in, the same sealed, timestamped and with its status out.

The key is a seal like every other (`signer.seals`), certified by our own issuer; nobody enrols it by hand and no
client may ever use it. It is made when it is first needed, and its successor a month before it ends.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Protocol

from signer.acts import SigningActs
from signer.cms_signer import CmsSigner
from signer.embedding import with_room
from signer.errors import CredentialUnusable, SignerError
from signer.model import Credential, CredentialState, SignatureLevel, SigningTask
from signer.pades import SignedPdf
from signer.seals import HOUSE_SEAL, SealService

RENEW_BEFORE: Final = timedelta(days=30)
ACTOR: Final = "house-seal"

_STANDING: Final = frozenset({CredentialState.ACTIVE, CredentialState.SUSPENDED})


class HouseCredentials(Protocol):
    """Where the seal's credential is found again."""

    def list(self, *, signatory_id: str | None = None) -> tuple[Credential, ...]: ...


class HouseSeal:
    """Seals what the house says of itself. Safe in several threads."""

    def __init__(
        self,
        *,
        seals: SealService,
        credentials: HouseCredentials,
        acts: SigningActs,
        name: str,
        organisation_identifier: str,
        now: Callable[[], datetime],
    ) -> None:
        """`name`: of the body in the certificate, as its common name and its organisation."""
        self._seals = seals
        self._credentials = credentials
        self._acts = acts
        self._name = name
        self._organisation_identifier = organisation_identifier
        self._now = now
        self._one_enrolment = Lock()

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """`pdf` with an invisible seal of level B-LT. Raises `SignerError`; nothing was sealed then."""
        self._acts.require_trail()
        credential = self.credential()
        task = SigningTask(
            document=pdf, credential_id=credential.id, client_id=ACTOR, level=SignatureLevel.B_LT, reason=reason
        )
        examined = self._acts.examine(task)
        signer = CmsSigner(self._seals.open(credential), credential.chain)

        def write(room: int) -> SignedPdf:
            prepared = self._acts.prepare(task, examined, credential, None, room=room)
            return self._acts.finish(
                prepared, signer.value(prepared.digest), credential, task.level, original=examined.intake.document
            )

        return with_room(self._acts.room(credential, task.level), write).pdf

    def credential(self) -> Credential:
        """The seal in use; made or succeeded where that is due. Raises `SignerError`.

        A suspended one is not gone round: nothing is sealed until it is resumed or revoked.
        """
        with self._one_enrolment:
            standing = [each for each in self._credentials.list(signatory_id=HOUSE_SEAL) if each.state in _STANDING]
            newest = max(standing, key=_end, default=None)
            if newest is None:
                return self._enrol()
            if newest.state is CredentialState.SUSPENDED:
                message = "The house's own seal is suspended. Resume or revoke it."
                raise CredentialUnusable(message, field="credential", reason=newest.state.value)
            return newest if _end(newest) - self._now() > RENEW_BEFORE else self._succeeded(newest)

    def _enrol(self) -> Credential:
        return self._seals.enrol(
            self._name, self._name, self._organisation_identifier, actor=ACTOR, signatory_id=HOUSE_SEAL
        )

    def _succeeded(self, ending: Credential) -> Credential:
        """The successor; while none can be made, a seal that is still good goes on."""
        try:
            return self._seals.renew(ending.id, actor=ACTOR)
        except SignerError:
            if _end(ending) <= self._now():
                raise
            return ending


def _end(credential: Credential) -> datetime:
    return credential.certificate.not_valid_after_utc
