"""Seals of organisations: for papers that machines make. No person signs with one, and no passphrase opens it.

What a person's passphrase is elsewhere, is a permission here: somebody of staff lets one client, from its networks,
seal so many documents until an hour that is at most a day away. It is counted before the key is used.
"""

import base64
import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signer.errors import ActivationRefused, CredentialUnusable
from signer.model import (
    SEAL_PREFIX,
    CertificateRequest,
    Credential,
    CredentialState,
    SealedKey,
    Signatory,
)
from signer.opening import usable_credential
from signer.ports import CredentialStore, CsrMaker

LONGEST: Final = timedelta(days=1)
MOST_DOCUMENTS: Final = 100_000
MOST_NETWORKS: Final = 16
_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPermission:
    """What one client may do with one seal."""

    id: str
    credential_id: str
    client_id: str
    networks: tuple[str, ...]
    """From where it may ask, as CIDR."""
    documents: int
    """How many, at most."""
    used: int
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    def refusal(self, address: str | None, *, at: datetime) -> "Refusal | None":
        """Why nothing may be sealed under it for a client at `address`; `None` where something may."""
        if at < self.granted_at:
            return Refusal.NOT_ACTIVE
        if self.ended_at is not None and self.ended_at <= at:
            return Refusal.DEACTIVATED
        if at >= self.expires_at:
            return Refusal.EXPIRED
        if address is None or not _lies_in(address, self.networks):
            return Refusal.NETWORK
        return Refusal.USED_UP if self.used >= self.documents else None


class Refusal(StrEnum):
    """Why nothing is sealed; stable words, for the client and for each document of a batch."""

    NOT_ACTIVE = "seal-not-active"
    """The client never had a permission, or not yet."""
    DEACTIVATED = "seal-deactivated"
    EXPIRED = "seal-expired"
    NETWORK = "seal-network"
    USED_UP = "seal-used-up"


_TOLD: Final = {
    Refusal.NOT_ACTIVE: "The seal is not active for you. Ask for its activation.",
    Refusal.DEACTIVATED: "The seal was deactivated for you. Ask for its activation.",
    Refusal.EXPIRED: "The activation of the seal has ended. Ask for the next one.",
    Refusal.NETWORK: "The seal is not active for your network. Ask from the one that was named.",
    Refusal.USED_UP: "All documents of this activation are used up. Ask for another one.",
}


class SealKeys(Protocol):
    """Keys without a passphrase: wrapped by the HSM, sealed by its pepper alone."""

    def generate_seal(
        self, *, key_id: str, signatory_id: str, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]: ...

    def open_seal(self, key: SealedKey) -> ec.EllipticCurvePrivateKey: ...


class SealStore(Protocol):
    """Permissions; using one up is a batch's business."""

    def grant(self, permission: SealPermission) -> None: ...

    def end(self, permission_id: str, *, at: datetime) -> bool:
        """Whether it stood until now."""
        ...

    def newest(self, credential_id: str, client_id: str) -> tuple[SealPermission, ...]:
        """The last ones that a client got, the newest first; a bounded number of them, whatever became of each."""
        ...


class SealService:
    """Makes seals, and says who may use them. Who may make and permit is the caller's to decide."""

    def __init__(
        self,
        *,
        seals: SealStore,
        credentials: CredentialStore,
        keys: SealKeys,
        issue: Callable[[CertificateRequest], tuple[x509.Certificate, ...]],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._seals = seals
        self._credentials = credentials
        self._keys = keys
        self._issue = issue
        self._now = now
        self._random_bytes = random_bytes

    def enrol(self, name: str, organisation: str, organisation_identifier: str, *, actor: str) -> Credential:
        """A new seal, called `name` as it should be read. Raises `KeyUnavailable`, and whatever the issuer raises."""
        whose = Signatory(
            id=SEAL_PREFIX + base64.b32encode(self._random_bytes(15)).decode(),
            name=name,
            organisation=organisation,
            organisation_identifier=organisation_identifier,
        )
        common_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(common_name)
        key, csr = self._keys.generate_seal(
            key_id=self._new_id(),
            signatory_id=whose.id,
            make_csr=lambda live: request.sign(live, hashes.SHA256()),
        )
        chain = self._issue(CertificateRequest(csr=csr, signatory=whose))
        credential = Credential(id=self._new_id(), signatory=whose, key=key, chain=chain, state=CredentialState.ACTIVE)
        self._credentials.add(credential, actor=actor, at=self._now())
        return credential

    def activate(
        self, credential_id: str, client_id: str, networks: Sequence[str], *, documents: int, life: timedelta
    ) -> SealPermission:
        """Let `client_id` seal from `networks`; raises `ActivationRefused` for what is unbounded, `CredentialUnknown`,
        `CredentialUnusable`."""
        at = self._now()
        credential = usable_credential(self._credentials, credential_id, at=at)
        if not credential.is_seal:
            raise CredentialUnusable("A person's credential is no seal.", field="credential", reason="no-seal")
        _require(timedelta(0) < life <= LONGEST, "hours", "A seal is active for a day at most.")
        _require(0 < documents <= MOST_DOCUMENTS, "documents", f"Name 1 to {MOST_DOCUMENTS} documents.")
        _require(0 < len(networks) <= MOST_NETWORKS, "network", f"Name 1 to {MOST_NETWORKS} networks.")
        permission = SealPermission(
            id=self._new_id(),
            credential_id=credential.id,
            client_id=client_id,
            networks=tuple(_network(each) for each in networks),
            documents=documents,
            used=0,
            granted_at=at,
            expires_at=at + life,
            ended_at=None,
        )
        self._seals.grant(permission)
        return permission

    def deactivate(self, permission_id: str) -> None:
        """From now on nothing is sealed under it; raises `ActivationRefused` where it stands no more."""
        if not self._seals.end(permission_id, at=self._now()):
            raise ActivationRefused("No such permission stands.", field="permission", reason="unknown")

    def permission_for(self, credential_id: str, client_id: str, address: str | None) -> SealPermission:
        """Under what a client that asks from `address` may seal now. Raises `ActivationRefused`, its reason a
        `Refusal`: that of the newest one."""
        at = self._now()
        refusals: list[Refusal] = []
        for permission in self._seals.newest(credential_id, client_id):
            refusal = permission.refusal(address, at=at)
            if refusal is None:
                return permission
            refusals.append(refusal)
        why = refusals[0] if refusals else Refusal.NOT_ACTIVE
        raise ActivationRefused(_TOLD[why], field="credential", reason=why.value)

    def open(self, credential: Credential) -> ec.EllipticCurvePrivateKey:
        """The live key of a seal; raises `CredentialUnusable` for a person's, `KeyUnavailable`."""
        if not credential.is_seal:
            raise CredentialUnusable("A person's credential is no seal.", field="credential", reason="no-seal")
        return self._keys.open_seal(credential.key)

    def _new_id(self) -> str:
        return self._random_bytes(_ID_BYTES).hex()


def _lies_in(address: str, networks: Sequence[str]) -> bool:
    try:
        where = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(where in ipaddress.ip_network(each) for each in networks)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ActivationRefused("Write networks as 192.0.2.0/24.", field="network", reason="no-network") from None


def _require(holds: bool, field: str, message: str) -> None:
    if not holds:
        raise ActivationRefused(message, field=field, reason="out-of-bounds")
