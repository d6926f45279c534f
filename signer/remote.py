"""Signing with an authorisation that was given before (CSC API, 4.3 of our contract): used up first, then the key.

Whichever face asks, this is the one way. What can be refused is refused before anything is used up; what was used up
stays so, whatever becomes of the call.
"""

import hmac
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from signer.acts import SigningActs, failure_word
from signer.authorisation import Authorisation, Authorisations, AuthorisedDigest, KeyCarrier, Purpose, secret_hash
from signer.cms_check import ID_DATA, CmsUnsound, check_signed_data
from signer.cms_signer import digest_to_sign, signed_data
from signer.errors import KeyUnavailable, PassphraseWrong, ResultUnsound
from signer.model import Credential, OpenKey, Secret, SignedDocument, SigningTask
from signer.quotas import Quotas
from signer.remote_checks import RemoteCall, is_for, refused, require_covered, require_good, use_of
from signer.remote_credentials import RemoteCredentials
from signer.remote_model import Caller, DigestWish, RemoteCredential, RemoteRefusal, SignedDigest
from signer.seal_model import Refusal, SealPermission, lies_in
from signer.timestamping import Timestamp

_CALL_BYTES: Final = 16


class RemoteKeys(KeyCarrier, Protocol):
    """Keys of persons under the secret of an authorisation, and what signs with an open one."""

    def sign_all(self, key: ec.EllipticCurvePrivateKey, digests: Sequence[bytes], /) -> tuple[bytes, ...]:
        """Signature values (DER) over SHA-256 `digests`; raises `KeyUnavailable`."""
        ...


class LentSeals(Protocol):
    """Seals, and under what they are lent."""

    def permission(self, permission_id: str, /) -> SealPermission | None: ...

    def open(self, credential: Credential, /) -> ec.EllipticCurvePrivateKey: ...


class DocumentSigning(Protocol):
    """`signer.service.SigningService`."""

    @property
    def acts(self) -> SigningActs: ...

    def sign_together(
        self, tasks: Sequence[SigningTask], open_with: Callable[[], OpenKey], /
    ) -> tuple[SignedDocument, ...]: ...


class RemoteSigning:
    """Signs digests and documents. Safe in several threads and processes."""

    def __init__(
        self,
        *,
        credentials: RemoteCredentials,
        authorisations: Authorisations,
        keys: RemoteKeys,
        seals: LentSeals,
        documents: DocumentSigning,
        quotas: Quotas | None,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self.credentials = credentials
        self._authorisations = authorisations
        self._keys = keys
        self._seals = seals
        self._documents = documents
        self._quotas = quotas
        self._now = now
        self._random_bytes = random_bytes

    def sign_hashes(
        self, caller: Caller, credential_id: str, digests: Sequence[AuthorisedDigest], sad: Secret
    ) -> tuple[bytes, ...]:
        """Signature values (DER) over SHA-256 `digests`, in their order, under the authorisation behind `sad`.

        1. The credential is the caller's, and signs now.              else CredentialUnknown, CredentialUnusable
        2. The authorisation is the caller's, for this credential.     else ActivationRefused (`sad`, `sad-expired`)
        3. It covers every digest, none of them used up.               else ActivationRefused (`digest`)
        4. The quotas have room.                                       else QuotaExceeded
        5. All are used up in one transaction: from here on nothing is given back.
        6. The key signs; each value is checked with the certificate.  else KeyUnavailable, ResultUnsound
        7. The outcome is recorded.
        """
        call = self._admitted(caller, credential_id, sad, digests)
        with self._recorded(call):
            return self._values(call, [bytes.fromhex(each.value) for each in digests])

    def sign_digests(
        self, caller: Caller, credential_id: str, wishes: Sequence[DigestWish], sad: Secret, *, validation: bool
    ) -> tuple[SignedDigest, ...]:
        """A CMS for each digest of a byte range; `validation`: with what a document security store needs, which comes
        from B-LT on in any case. Steps as `sign_hashes`; also raises `TimestampUnavailable`, `StatusUnavailable`."""
        uses = [AuthorisedDigest(value=each.digest.hex(), purpose=Purpose.SDR) for each in wishes]
        call = self._admitted(caller, credential_id, sad, uses)
        chain = call.seen.credential.chain
        with self._recorded(call):
            values = self._values(call, [digest_to_sign(chain, each.digest) for each in wishes])
            return tuple(
                self._enveloped(call, wish, value, validation=validation)
                for wish, value in zip(wishes, values, strict=True)
            )

    def sign_documents(
        self, caller: Caller, credential_id: str, tasks: Sequence[SigningTask], sad: Secret
    ) -> tuple[SignedDocument, ...]:
        """The documents signed and in the register, in their order. Steps as `sign_hashes`, and between 3 and 4 each
        document has to be one that may be signed as it is wished: `DocumentRefused` and the others of
        `SigningService.sign`, with nothing used up."""
        seen, authorisation = self._authorised(caller, credential_id, sad)
        uses = tuple(use_of(task, authorisation) for task in tasks)
        call = self._call(caller, seen, authorisation, uses, sad)
        require_covered(call)
        with self._recorded(call):

            def open_with() -> OpenKey:
                self._use_up(call)
                return OpenKey(credential=seen.credential, key=self._key(call))

            return self._documents.sign_together(tasks, open_with)

    def _admitted(
        self, caller: Caller, credential_id: str, sad: Secret, uses: Sequence[AuthorisedDigest]
    ) -> RemoteCall:
        """Steps 1 to 3."""
        seen, authorisation = self._authorised(caller, credential_id, sad)
        call = self._call(caller, seen, authorisation, tuple(uses), sad)
        require_covered(call)
        return call

    def _authorised(self, caller: Caller, credential_id: str, sad: Secret) -> tuple[RemoteCredential, Authorisation]:
        """Steps 1 and 2."""
        seen = self.credentials.usable(caller, credential_id)
        authorisation = self._authorisations.behind(secret_hash(sad.reveal()))
        if authorisation is None or not is_for(authorisation, caller, credential_id):
            raise refused(RemoteRefusal.SAD)
        if authorisation.expires_at <= self._now():
            raise refused(RemoteRefusal.SAD_EXPIRED)
        if authorisation.permission_id is not None:
            self._require_lent(authorisation.permission_id, caller)
        return seen, authorisation

    def _require_lent(self, permission_id: str, caller: Caller) -> None:
        """The seal is still lent, and to where the caller is: what was counted before may be used up."""
        permission = self._seals.permission(permission_id)
        over = Refusal.DEACTIVATED if permission is None else permission.over(at=self._now())
        if over not in (None, Refusal.USED_UP):
            raise refused(RemoteRefusal.SAD)
        if permission is None or caller.address is None or not lies_in(caller.address, permission.networks):
            raise refused(RemoteRefusal.ASSIGNED)

    def _call(
        self,
        caller: Caller,
        seen: RemoteCredential,
        authorisation: Authorisation,
        uses: tuple[AuthorisedDigest, ...],
        sad: Secret,
    ) -> RemoteCall:
        name = self._random_bytes(_CALL_BYTES).hex()
        return RemoteCall(id=name, seen=seen, authorisation=authorisation, uses=uses, caller=caller, sad=sad)

    def _use_up(self, call: RemoteCall) -> None:
        """Steps 4 and 5."""
        credential_id, caller = call.seen.credential.id, call.caller
        if self._quotas is not None:
            self._quotas.count(client_id=caller.client_id, credential_id=credential_id, documents=len(call.uses))
        call.consumed = self._authorisations.consume(
            call.authorisation.id,
            call.uses,
            client_id=caller.client_id,
            user_id=caller.user_id,
            credential_id=credential_id,
            call=call.id,
            at=self._now(),
        )
        if not call.consumed:  # somebody was faster, or it ended between the look and the update
            expired = call.authorisation.expires_at <= self._now()
            raise refused(RemoteRefusal.SAD_EXPIRED if expired else RemoteRefusal.DIGEST)

    def _values(self, call: RemoteCall, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        """Steps 4 to 6."""
        self._use_up(call)
        values = self._keys.sign_all(self._key(call), digests)
        for digest, value in zip(digests, values, strict=True):
            require_good(call.seen.credential.certificate, digest, value)
        return values

    def _key(self, call: RemoteCall) -> ec.EllipticCurvePrivateKey:
        credential, authorisation = call.seen.credential, call.authorisation
        if credential.is_seal:
            return self._seals.open(credential)
        if authorisation.carried is None:
            raise KeyUnavailable("the authorisation of a person carries no key")
        if not hmac.compare_digest(authorisation.carried.public_key, credential.key.public_key):
            raise KeyUnavailable("the authorisation carries another key than the credential's")
        try:
            return self._keys.open_carried(authorisation.carried, call.sad, owner=authorisation.id)
        except PassphraseWrong as error:
            raise KeyUnavailable("the key does not open with the secret of its authorisation") from error

    def _enveloped(self, call: RemoteCall, wish: DigestWish, value: bytes, *, validation: bool) -> SignedDigest:
        credential, acts = call.seen.credential, self._documents.acts
        stamps: list[Timestamp] = []

        def timestamp(digest: bytes) -> bytes:
            stamps.append(acts.timestamp(digest))
            return stamps[-1].token

        wanted = timestamp if wish.level.needs_timestamp else None
        cms = signed_data(credential.chain, wish.digest, value, wanted)
        try:
            check_signed_data(cms, credential.certificate, content_type=ID_DATA, detached_digest=wish.digest)
        except CmsUnsound as error:
            raise ResultUnsound(str(error)) from error
        if not (validation or wish.level.needs_validation_data):
            return SignedDigest(cms=cms, validation=None)
        chains = (credential.chain, *(each.chain for each in stamps))
        return SignedDigest(cms=cms, validation=acts.status_of(chains))

    @contextmanager
    def _recorded(self, call: RemoteCall) -> Iterator[None]:
        """Step 7, where anything was used up."""
        try:
            yield
        except Exception as error:
            if call.consumed:
                self._outcome(call, failure_word(error))
            raise
        self._outcome(call, None)

    def _outcome(self, call: RemoteCall, failure: str | None) -> None:
        self._authorisations.outcome(call.authorisation.id, call=call.id, failure=failure, at=self._now())
