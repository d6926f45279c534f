"""Credentials and their lives: enrol, renew, replace, suspend, resume, revoke; a new passphrase for the same key."""

import base64
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from signer.errors import CredentialUnknown, CredentialUnusable, KeyUnavailable, PassphraseTooWeak
from signer.model import CertificateRequest, Credential, CredentialState, Secret, Signatory
from signer.opening import Turns, open_key
from signer.passphrase import require_strong
from signer.people import Purpose
from signer.ports import CertificateIssuer, CredentialStore, KeyVault
from signer.revoking import REPLACED

_log = logging.getLogger(__name__)

_ID_BYTES: Final = 16


def new_signatory_id(random_bytes: Callable[[int], bytes]) -> str:
    """A name for a new signatory that says nothing about the person: 120 random bits in base32."""
    return base64.b32encode(random_bytes(15)).decode()


class CredentialService:
    """Who may sign with what. Every change names its actor, for the audit trail."""

    def __init__(
        self,
        *,
        credentials: CredentialStore,
        keys: KeyVault,
        issuer: CertificateIssuer,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._credentials = credentials
        self._keys = keys
        self._issuer = issuer
        self._now = now
        self._random_bytes = random_bytes
        self._turns = Turns()

    def enrol(self, signatory: Signatory, passphrase: Secret, actor: str) -> Credential:
        """A new key sealed under `passphrase`, certified and ready to sign, or waiting for its certificate.

        Raises `PassphraseTooWeak` before anything is made, `KeyUnavailable`, and whatever the issuer raises.
        """
        require_strong(passphrase, own_words=(signatory.name, signatory.organisation))
        credential = self._certified(signatory, passphrase)
        with self._revoked_unless_stored(credential, actor):
            self._credentials.add(credential, actor=actor, at=self._now())
        return credential

    def install(
        self,
        signatory: Signatory,
        passphrase: Secret,
        *,
        purpose: Purpose,
        replaces: str | None,
        registration_id: str | None,
        actor: str,
    ) -> Credential:
        """A new key and certificate in the place of the credential that they replace, with overlap.

        The old one signs until the new one is stored; that transaction ends it and erases its sealed key. Renewed, it
        is retired and its certificate stays as it is; otherwise its certificate is revoked with the reason of
        `purpose`. While the new certificate is awaited from another issuer, the old one goes on until it arrives. A
        new certificate that cannot be stored is revoked as superseded: nobody has its key.
        """
        old = self._known(replaces) if replaces is not None else None
        new = self._certified(signatory, passphrase)
        reason = REPLACED.get(purpose)
        with self._revoked_unless_stored(new, actor):
            self._credentials.install(
                new,
                replaces=replaces if new.chain else None,
                ended=CredentialState.RETIRED if reason is None else CredentialState.REVOKED,
                registration_id=registration_id,
                actor=actor,
                at=self._now(),
            )
        if old is not None and new.chain and reason is not None:
            self._issuer.revoke(old.certificate, reason=reason, actor=actor)
        return new

    def renew(self, credential_id: str, passphrase: Secret, actor: str) -> Credential:
        """A new key under the same passphrase, for the same signatory; the old credential is retired.

        Raises as `prove`, and whatever the issuer raises: then the old one goes on.
        """
        old = self.prove(credential_id, passphrase)
        return self.install(
            old.signatory, passphrase, purpose=Purpose.RENEWAL, replaces=old.id, registration_id=None, actor=actor
        )

    def prove(self, credential_id: str, passphrase: Secret) -> Credential:
        """The credential, whose holder is here: `passphrase` opens its key; the attempt is counted.

        The certificate may have expired. Raises `CredentialUnknown`, `CredentialUnusable` unless it is active,
        `PassphraseLocked`, `PassphraseWrong`, `KeyUnavailable`.
        """
        credential = self._known(credential_id)
        if credential.state is not CredentialState.ACTIVE:
            message = "The credential is not active. Ask the registration office."
            raise CredentialUnusable(message, field="credential_id", reason=credential.state.value)
        open_key(self._credentials, self._keys, credential, passphrase, turns=self._turns, now=self._now)
        return self._known(credential_id)  # its key may just have moved to a newer KEK

    def change_passphrase(self, credential_id: str, old: Secret, new: Secret, actor: str) -> None:
        """The same key and certificate under another passphrase. Raises `PassphraseTooWeak`, and as `prove`."""
        credential = self._known(credential_id)
        who = credential.signatory
        require_strong(new, own_words=(who.name, who.organisation), field="newPassphrase")
        if new.reveal() == old.reveal():
            message = "The new passphrase is the old one. Choose another one."
            raise PassphraseTooWeak(message, field="newPassphrase", reason="same")
        proven = self.prove(credential_id, old)
        resealed = self._keys.reseal(proven.key, old, new)
        self._credentials.reseal(credential_id, old=proven.key, new=resealed, actor=actor, at=self._now())

    def _certified(self, signatory: Signatory, passphrase: Secret) -> Credential:
        """A new credential that nobody stored yet."""
        key, csr = self._keys.generate(
            key_id=self._new_id(),
            signatory_id=signatory.id,
            passphrase=passphrase,
            make_csr=lambda live: _request(signatory, live),
        )
        chain = self._issuer.issue(CertificateRequest(csr=csr, signatory=signatory))
        if chain and _public_key_of(chain[0]) != key.public_key:
            raise KeyUnavailable("the issuer certified another key")
        state = CredentialState.ACTIVE if chain else CredentialState.AWAITING_CERTIFICATE
        return Credential(id=self._new_id(), signatory=signatory, key=key, chain=chain, state=state)

    def suspend(self, credential_id: str, actor: str) -> None:
        """Stop signing until it is resumed; the certificate stays as it is."""
        self._set_state(credential_id, CredentialState.SUSPENDED, actor)

    def resume(self, credential_id: str, actor: str) -> None:
        """Let a suspended credential sign again; also unlocks it after too many wrong passphrases."""
        self._set_state(credential_id, CredentialState.ACTIVE, actor)

    def revoke(
        self, credential_id: str, reason: x509.ReasonFlags, actor: str, *, invalid_since: datetime | None = None
    ) -> None:
        """End the credential for good and revoke its certificate.

        The state changes first: from then on nothing is signed, even if the issuer does not answer and the caller has
        to repeat this. Of a retired credential the certificate alone is left to be revoked.
        """
        credential = self._known(credential_id)
        if credential.state not in (CredentialState.REVOKED, CredentialState.RETIRED):
            self._credentials.set_state(credential_id, CredentialState.REVOKED, actor=actor, at=self._now())
        if credential.chain:
            self._issuer.revoke(credential.certificate, reason=reason, actor=actor, invalid_since=invalid_since)

    @contextmanager
    def _revoked_unless_stored(self, credential: Credential, actor: str) -> Iterator[None]:
        """Around storing: a certificate whose sealed key was not kept does not stay valid."""
        try:
            yield
        except Exception:
            if credential.chain:
                self._revoke_unstored(credential, actor)
            raise

    def _revoke_unstored(self, credential: Credential, actor: str) -> None:
        """The error that storing raised is told; that this failed as well stands in the log, with what to revoke."""
        try:
            self._issuer.revoke(credential.certificate, reason=x509.ReasonFlags.superseded, actor=actor)
        except Exception:
            _log.exception("no key is kept for certificate %x: revoke it", credential.certificate.serial_number)

    def _set_state(self, credential_id: str, state: CredentialState, actor: str) -> None:
        self._known(credential_id)
        self._credentials.set_state(credential_id, state, actor=actor, at=self._now())

    def _known(self, credential_id: str) -> Credential:
        credential = self._credentials.get(credential_id)
        if credential is None:
            message = "There is no such credential. Check its id."
            raise CredentialUnknown(message, field="credential", reason="unknown")
        return credential

    def _new_id(self) -> str:
        return self._random_bytes(_ID_BYTES).hex()


def _public_key_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _request(signatory: Signatory, key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    """A CSR that proves possession. The issuer takes the names from its own record of the signatory, not from here."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signatory.name)])
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
