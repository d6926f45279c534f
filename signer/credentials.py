"""Credentials and their lives: enrol, suspend, resume, revoke."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from signer.errors import CredentialUnknown, KeyUnavailable
from signer.model import CertificateRequest, Credential, CredentialState, Secret, Signatory
from signer.passphrase import require_strong
from signer.ports import CertificateIssuer, CredentialStore, KeyVault

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

    def enrol(self, signatory: Signatory, passphrase: Secret, actor: str) -> Credential:
        """A new key sealed under `passphrase`, certified, and ready to sign.

        Raises `PassphraseTooWeak` before anything is made, `KeyUnavailable`, and whatever the issuer raises.
        """
        require_strong(passphrase, own_words=(signatory.name, signatory.organisation))
        key, csr = self._keys.generate(
            key_id=self._new_id(),
            signatory_id=signatory.id,
            passphrase=passphrase,
            make_csr=lambda live: _request(signatory, live),
        )
        chain = self._issuer.issue(CertificateRequest(csr=csr, signatory=signatory))
        certified = chain[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if certified != key.public_key:
            raise KeyUnavailable("the issuer certified another key")
        credential = Credential(
            id=self._new_id(), signatory=signatory, key=key, chain=chain, state=CredentialState.ACTIVE
        )
        self._credentials.add(credential, actor=actor, at=self._now())
        return credential

    def suspend(self, credential_id: str, actor: str) -> None:
        """Stop signing until it is resumed; the certificate stays as it is."""
        self._set_state(credential_id, CredentialState.SUSPENDED, actor)

    def resume(self, credential_id: str, actor: str) -> None:
        """Let a suspended credential sign again; also unlocks it after too many wrong passphrases."""
        self._set_state(credential_id, CredentialState.ACTIVE, actor)

    def revoke(self, credential_id: str, reason: x509.ReasonFlags, actor: str) -> None:
        """End the credential for good and revoke its certificate.

        The state changes first: from then on nothing is signed, even if the issuer does not answer and the caller has
        to repeat this.
        """
        credential = self._known(credential_id)
        if credential.state is not CredentialState.REVOKED:
            self._credentials.set_state(credential_id, CredentialState.REVOKED, actor=actor, at=self._now())
        self._issuer.revoke(credential.certificate, reason=reason, actor=actor)

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


def _request(signatory: Signatory, key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    """A CSR that proves possession. The issuer takes the names from its own record of the signatory, not from here."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signatory.name)])
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
