"""A file exchange with another CA: requests out, answers in days later, revocations asked for and awaited."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signer.errors import CredentialUnknown, ForeignRefused
from signer.foreign.acceptance import accept, certificates_in, spki_of
from signer.foreign.model import AnswerState, ForeignAnswer, ForeignRequest, ForeignRules, RevocationRequest
from signer.foreign.ports import ExternalCredentials, ForeignLog
from signer.model import CertificateRequest, Credential, CredentialState


class FileExchange:
    """`signer.ports.CertificateIssuer` whose answer is always "later"."""

    def __init__(self, *, log: ForeignLog, now: Callable[[], datetime]) -> None:
        self._log = log
        self._now = now

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        """Keep the CSR until it is exported; the empty chain says: later."""
        public_key = request.csr.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._log.add_request(
            ForeignRequest(
                spki_sha256=hashlib.sha256(public_key).hexdigest(),
                signatory_id=request.signatory.id,
                csr=request.csr.public_bytes(Encoding.DER),
                requested_at=self._now(),
            )
        )
        return ()

    def revoke(
        self,
        certificate: x509.Certificate,
        *,
        reason: x509.ReasonFlags,
        actor: str,
        invalid_since: datetime | None = None,
    ) -> None:
        """Note that the issuer has to be asked; whoever calls has stopped the credential already."""
        self._log.request_revocation(
            RevocationRequest(
                certificate=certificate,
                reason=reason,
                actor=actor,
                requested_at=self._now(),
                invalid_since=invalid_since,
            )
        )


class ForeignCredentials:
    """What the registration office does with another CA. Build it once."""

    def __init__(
        self,
        *,
        credentials: ExternalCredentials,
        log: ForeignLog,
        rules: ForeignRules,
        inform: Callable[[x509.Certificate], tuple[str, ...]],
        revoke: Callable[[x509.Certificate, x509.ReasonFlags, str], object],
        now: Callable[[], datetime],
    ) -> None:
        """`inform` gives the codes of a linter, which decide nothing here; `revoke` ends a replaced certificate of
        whichever issuer, in the name of an actor."""
        self._credentials = credentials
        self._log = log
        self._rules = rules
        self._inform = inform
        self._revoke = revoke
        self._now = now

    def export(self, *, actor: str) -> tuple[ForeignRequest, ...]:
        """Every request without an answer; exporting again is harmless."""
        requests = self._log.open_requests()
        self._log.mark_exported([each.spki_sha256 for each in requests], actor=actor, at=self._now())
        return requests

    def receive(self, content: bytes, *, actor: str) -> ForeignAnswer:
        """Take an answer in: install it, or keep it until somebody decides about its subject.

        Raises `ForeignRefused`, with the rule that it breaks, and records that.
        """
        try:
            return self._receive(content, actor)
        except ForeignRefused as error:
            self._log.note_refusal(error.reason, actor=actor, at=self._now())
            raise

    def decide(self, leaf_sha256: str, *, take: bool, reason: str, actor: str) -> ForeignAnswer:
        """An officer's word on an answer whose subject differs; recorded with its reason. Raises `ForeignRefused`."""
        answer = self._log.find_answer(leaf_sha256)
        if answer is None or answer.state is not AnswerState.UNDECIDED:
            raise ForeignRefused(
                "Tidak ada jawaban yang menunggu keputusan dengan sidik itu. / No answer of this fingerprint waits.",
                field="fingerprint",
                reason="unknown",
            )
        state = AnswerState.ACCEPTED if take else AnswerState.REFUSED
        self._log.decide(leaf_sha256, state, reason=reason, actor=actor, at=self._now())
        if take:
            self._install(answer, actor)
        return self._log.find_answer(leaf_sha256) or answer

    def stop(self, credential_id: str, *, actor: str) -> Credential:
        """The credential, suspended here at once where it was active. Raises `CredentialUnknown`."""
        credential = self._credentials.get(credential_id)
        if credential is None or not credential.chain:
            message = "There is no such credential with a certificate. Check its id."
            raise CredentialUnknown(message, field="credential", reason="unknown")
        if credential.state is CredentialState.ACTIVE:
            self._credentials.set_state(credential_id, CredentialState.SUSPENDED, actor=actor, at=self._now())
        return credential

    def request_revocation(
        self,
        credential_id: str,
        *,
        reason: x509.ReasonFlags,
        actor: str,
        invalid_since: datetime | None = None,
    ) -> None:
        """The credential is suspended here at once; its issuer has to be asked. Raises `CredentialUnknown`.

        `invalid_since` (aware): from when on the key was not safe, for the issuer to know.
        """
        credential = self.stop(credential_id, actor=actor)
        self._log.request_revocation(
            RevocationRequest(
                certificate=credential.certificate,
                reason=reason,
                actor=actor,
                requested_at=self._now(),
                invalid_since=invalid_since,
            )
        )

    def _receive(self, content: bytes, actor: str) -> ForeignAnswer:
        certificates = certificates_in(content)
        known = self._already(certificates)
        if known is not None:
            return self._finish(known, actor)
        credential = self._asked(certificates)
        accepted = accept(
            certificates,
            public_key=credential.key.public_key,
            signatory=credential.signatory,
            rules=self._rules,
            at=self._now(),
        )
        answer = ForeignAnswer(
            credential_id=credential.id,
            received=content,
            chain=accepted.chain,
            state=AnswerState.UNDECIDED if accepted.differences else AnswerState.ACCEPTED,
            differences=accepted.differences,
            findings=self._inform(accepted.chain[0]),
            received_at=self._now(),
        )
        self._log.add_answer(answer, actor=actor)
        if answer.state is AnswerState.ACCEPTED:
            self._install(answer, actor)
        return answer

    def _already(self, certificates: tuple[x509.Certificate, ...]) -> ForeignAnswer | None:
        found = (self._log.find_answer(each.fingerprint(hashes.SHA256()).hex()) for each in certificates)
        return next((answer for answer in found if answer is not None), None)

    def _finish(self, known: ForeignAnswer, actor: str) -> ForeignAnswer:
        """An answer that was accepted and not installed, because we died in between, is installed now."""
        credential = self._credentials.get(known.credential_id)
        waits = credential is not None and credential.state is CredentialState.AWAITING_CERTIFICATE
        if known.state is AnswerState.ACCEPTED and waits:
            self._install(known, actor)
            return known
        raise ForeignRefused(
            "Sertifikat ini sudah pernah diimpor. / This certificate was imported before.",
            field="certificate",
            reason="already-imported",
        )

    def _asked(self, certificates: tuple[x509.Certificate, ...]) -> Credential:
        """The waiting credential that one of the certificates is for."""
        for certificate in certificates:
            public_key = spki_of(certificate)
            request = self._log.find_request(hashlib.sha256(public_key).hexdigest())
            if request is None:
                continue
            for credential in self._credentials.list(signatory_id=request.signatory_id, limit=1000):
                waits = credential.state is CredentialState.AWAITING_CERTIFICATE
                if waits and credential.key.public_key == public_key:
                    return credential
        raise ForeignRefused(
            "Tidak ada kredensial yang menunggu sertifikat untuk kunci itu; pastikan CSR yang kami kirim dipakai. /"
            " No credential waits for a certificate of that key; make sure that our CSR was used.",
            field="certificate",
            reason="other-key",
        )

    def _install(self, answer: ForeignAnswer, actor: str) -> None:
        """The waiting credential becomes active; what it takes over from ends with it, and its certificate after it."""
        left = self._credentials.install_chain(answer.credential_id, answer.chain, actor=actor, at=self._now())
        for old, reason in left:
            if old.chain:
                self._revoke(old.certificate, reason, actor)
