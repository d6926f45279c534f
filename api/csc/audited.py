"""Remote signing with the trail around it: every entry names the client, and every refusal has one of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from api.given import Now
from signer.acts import SigningActs
from signer.authorisation import AuthorisedDigest
from signer.errors import CredentialUnknown, Refused
from signer.model import Secret, SignedDocument, SigningTask, ValidationData
from signer.remote import RemoteSigning
from signer.remote_model import Caller, DigestWish, RemoteCredential, SignedDigest
from signer.remote_seals import Granted, SealAuthorising
from store.audit import Act, AuditTrail, Origin, Outcome, acting


class AuditedRemote:
    """`api.csc.ports.Remote`."""

    def __init__(
        self, remote: RemoteSigning, seals: SealAuthorising, acts: SigningActs, trail: AuditTrail, *, now: Now
    ) -> None:
        self._remote = remote
        self._seals = seals
        self._acts = acts
        self._trail = trail
        self._now = now

    def listed(self, caller: Caller) -> tuple[RemoteCredential, ...]:
        """What the caller sees."""
        return self._remote.credentials.listed(caller)

    def get(self, caller: Caller, credential_id: str) -> RemoteCredential:
        """One of them."""
        return self._remote.credentials.get(caller, credential_id)

    def sign_hashes(
        self, caller: Caller, credential_id: str, digests: Sequence[AuthorisedDigest], sad: Secret
    ) -> tuple[bytes, ...]:
        """As `RemoteSigning.sign_hashes`."""
        with self._told(caller, credential_id, Act.ACTIVATION_CONSUME):
            return self._remote.sign_hashes(caller, credential_id, digests, sad)

    def sign_digests(
        self, caller: Caller, credential_id: str, wishes: Sequence[DigestWish], sad: Secret, *, validation: bool
    ) -> tuple[SignedDigest, ...]:
        """As `RemoteSigning.sign_digests`."""
        with self._told(caller, credential_id, Act.ACTIVATION_CONSUME):
            return self._remote.sign_digests(caller, credential_id, wishes, sad, validation=validation)

    def sign_documents(
        self, caller: Caller, credential_id: str, tasks: Sequence[SigningTask], sad: Secret
    ) -> tuple[SignedDocument, ...]:
        """As `RemoteSigning.sign_documents`."""
        with self._told(caller, credential_id, Act.ACTIVATION_CONSUME):
            return self._remote.sign_documents(caller, credential_id, tasks, sad)

    def validation_data(self, caller: Caller, credential_id: str) -> ValidationData:
        """Fresh status of a credential's chain."""
        return self._acts.status_of((self.get(caller, credential_id).credential.chain,))

    def authorise_seal(
        self,
        caller: Caller,
        credential_id: str,
        count: int,
        digests: Sequence[AuthorisedDigest],
        *,
        origin: str,
        pin: Secret | None,
    ) -> Granted:
        """As `SealAuthorising.authorise`."""
        with self._told(caller, credential_id, Act.SEAL_USE):
            return self._seals.authorise(caller, credential_id, count, digests, origin=origin, pin=pin)

    def extend(self, caller: Caller, credential_id: str, sad: Secret, digests: Sequence[AuthorisedDigest]) -> Granted:
        """As `SealAuthorising.extend`."""
        with self._told(caller, credential_id, Act.ACTIVATION_EXTEND):
            return self._seals.extend(caller, credential_id, sad, digests)

    @contextmanager
    def _told(self, caller: Caller, credential_id: str, act: Act) -> Iterator[None]:
        with acting(Origin(actor=caller.client_id, role="client")):
            try:
                yield
            except Refused as error:
                known = not isinstance(error, CredentialUnknown)  # what is unknown is a stranger's text
                self._trail.record(
                    act,
                    f"credential:{credential_id}" if known else "credential:unknown",
                    at=self._now(),
                    outcome=Outcome.REFUSED,
                    reason=error.reason,
                    details={"user": caller.user_id},
                )
                raise
