"""Seals of organisations: for papers that machines make. No person signs with one, and no passphrase opens it.

What a person's passphrase is elsewhere, is a permission here: somebody of staff lets one client, from its networks,
seal so many documents until an hour that is at most a day away. It is counted before the key is used.
"""

import base64
import ipaddress
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signer.certificate_text import certificate_text
from signer.errors import ActivationRefused, CredentialUnknown, CredentialUnusable, Refused, SignerError, Unavailable
from signer.model import (
    ROTATION,
    SEAL_PREFIX,
    CertificateRequest,
    Credential,
    CredentialState,
    SealedKey,
    Secret,
    Signatory,
)
from signer.opening import usable_credential
from signer.ports import CertificateIssuer, CredentialStore, CsrMaker
from signer.seal_model import LONGEST, MOST_DOCUMENTS, MOST_NETWORKS, Refusal, SealPermission
from signer.seal_pins import SealPins

_log = logging.getLogger(__name__)

HOUSE_SEAL: Final = SEAL_PREFIX + "house"
"""Whose seal says what the house found itself; `signer.house_seal` makes it, and no client is ever let to it."""

_ID_BYTES: Final = 16
_PAGE: Final = 100
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

    def is_outdated(self, key: SealedKey) -> bool: ...

    def reseal_seal(self, key: SealedKey) -> SealedKey:
        """The same key under today's KEK and pepper; raises `KeyUnavailable`."""
        ...


class SealCredentials(CredentialStore, Protocol):
    """Credentials, and those of seals among them."""

    def seals(self, *, after: str, limit: int) -> tuple[Credential, ...]:
        """In whatever state, by id, behind the id `after`."""
        ...


class SealStore(Protocol):
    """Permissions; using one up is a batch's business."""

    def grant(self, permission: SealPermission) -> None: ...

    def end(self, permission_id: str, *, credential_id: str | None, at: datetime) -> bool:
        """Whether it stood until now, and is this seal's where one is named."""
        ...

    def newest(
        self, credential_id: str, client_id: str | None, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[SealPermission, ...]:
        """The last ones that a client (or anybody) got, the newest first; a bounded number of them, whatever became of
        each; behind `before`, the time and id of one of them."""
        ...

    def permission(self, permission_id: str, /) -> SealPermission | None:
        """One by its id, whatever became of it."""
        ...


class SealService:
    """Makes seals, and says who may use them. Who may make and permit is the caller's to decide."""

    def __init__(
        self,
        *,
        seals: SealStore,
        credentials: SealCredentials,
        keys: SealKeys,
        issuer: CertificateIssuer,
        pins: SealPins,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """`issuer` certifies bodies, no persons."""
        self._seals = seals
        self._credentials = credentials
        self._keys = keys
        self._issuer = issuer
        self.pins = pins
        self._now = now
        self._random_bytes = random_bytes

    def enrol(
        self,
        name: str,
        organisation: str,
        organisation_identifier: str,
        *,
        actor: str,
        signatory_id: str | None = None,
    ) -> Credential:
        """A new seal, called `name` as it should be read. Raises `RegistrationRefused` for texts that no certificate
        takes, `KeyUnavailable`, and whatever the issuer raises."""
        whose = Signatory(
            id=signatory_id or SEAL_PREFIX + base64.b32encode(self._random_bytes(15)).decode(),
            name=certificate_text("name", name),
            organisation=certificate_text("organisation", organisation),
            organisation_identifier=certificate_text("organisation_identifier", organisation_identifier),
        )
        return self._kept(whose, replaces=None, actor=actor)

    def renew(self, credential_id: str, *, actor: str) -> Credential:
        """A new key and certificate for the same seal; the old credential is retired, its certificate stays good.

        What was permitted, and every batch that is open, belongs to the old one. Raises as `enrol`,
        `CredentialUnknown`, and `CredentialUnusable` unless it is active; the certificate may have expired.
        """
        old = self.get(credential_id)
        if old.state is not CredentialState.ACTIVE:
            message = "Only an active seal is renewed. Enrol it anew."
            raise CredentialUnusable(message, field="credential", reason=old.state.value)
        return self._kept(old.signatory, replaces=old.id, actor=actor)

    def get(self, credential_id: str) -> Credential:
        """The credential of a seal, in whatever state; raises `CredentialUnknown`, for a person's as well."""
        credential = self._credentials.get(credential_id)
        if credential is None or not credential.is_seal:
            raise CredentialUnknown("There is no such seal. Check its id.", field="credential", reason="unknown")
        return credential

    def all(self, *, after: str = "", limit: int = _PAGE) -> tuple[Credential, ...]:
        """Credentials of seals, in whatever state, by id."""
        return self._credentials.seals(after=after, limit=limit)

    def activate(
        self, credential_id: str, client_id: str, networks: Sequence[str], *, documents: int, life: timedelta
    ) -> SealPermission:
        """Let `client_id` seal from `networks`; raises `Refused` for what is unbounded or no network,
        `CredentialUnknown`, `CredentialUnusable`."""
        at = self._now()
        credential = usable_credential(self._credentials, credential_id, at=at)
        _require_seal(credential)
        _require(credential.signatory.id != HOUSE_SEAL, "credential", "The house's own seal is for no client.")
        _require(timedelta(0) < life <= LONGEST, "hours", "A seal is active for a day at most.")
        _require(0 < documents <= MOST_DOCUMENTS, "documents", f"Name 1 to {MOST_DOCUMENTS} documents.")
        _require(0 < len(networks) <= MOST_NETWORKS, "networks", f"Name 1 to {MOST_NETWORKS} networks.")
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

    def deactivate(self, permission_id: str, *, credential_id: str | None = None) -> None:
        """From now on nothing is sealed under it; raises `ActivationRefused` where it was ended, never was, or is
        another seal's than the one that is named."""
        if not self._seals.end(permission_id, credential_id=credential_id, at=self._now()):
            raise ActivationRefused("No such permission stands.", field="permission", reason="unknown")

    def permissions(
        self, credential_id: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[SealPermission, ...]:
        """The last ones of a seal, the newest first, behind `before`: the time and id of one of them. Raises
        `CredentialUnknown`."""
        return self._seals.newest(self.get(credential_id).id, None, before=before, limit=limit)

    def permission(self, credential_id: str, permission_id: str) -> SealPermission | None:
        """One of a seal, whatever became of it; `None` where there is none. Raises `CredentialUnknown`."""
        found = self._seals.permission(permission_id)
        return found if found is not None and found.credential_id == self.get(credential_id).id else None

    def permission_for(
        self, credential_id: str, client_id: str, address: str | None, *, pin: Secret | None = None
    ) -> SealPermission:
        """Under what a client that asks from `address` may seal now. Raises `CredentialUnknown`, `CredentialUnusable`
        (retired, for one), and `ActivationRefused`, its reason a `Refusal`: that of the newest permission, or of the
        PIN, which nobody tries to whom the seal is not lent."""
        at = self._now()
        seal = usable_credential(self._credentials, credential_id, at=at)
        refusals: list[Refusal] = []
        for permission in self._seals.newest(credential_id, client_id):
            refusal = permission.refusal(address, at=at)
            if refusal is None:
                self.pins.require(seal.signatory.id, pin)
                return permission
            refusals.append(refusal)
        why = refusals[0] if refusals else Refusal.NOT_ACTIVE
        raise ActivationRefused(_TOLD[why], field="credential", reason=why.value)

    def require_lent(self, permission: SealPermission, address: str | None) -> None:
        """That what was counted under it before may still be sealed, from there; raises `ActivationRefused`."""
        why = permission.refusal(address, at=self._now())
        if why not in (None, Refusal.USED_UP):
            raise ActivationRefused(_TOLD[why], field="credential", reason=why.value)

    def open(self, credential: Credential) -> ec.EllipticCurvePrivateKey:
        """The live key of a seal; raises `CredentialUnusable` for a person's, `KeyUnavailable`."""
        _require_seal(credential)
        return self._keys.open_seal(credential.key)

    def move_to_newest(self) -> int:
        """Job: every active seal under an older KEK or pepper comes under today's; how many did. No passphrase is
        needed, so nobody has to wait for their next use. One that fails stops no other, and comes again."""
        moved, after = 0, ""
        while page := self._credentials.seals(after=after, limit=_PAGE):
            moved += sum(map(self._moved, page))
            after = page[-1].id
        return moved

    def _moved(self, seal: Credential) -> bool:
        """One conditional update: killed before it, the old row is as good as ever."""
        if seal.state is not CredentialState.ACTIVE or not self._keys.is_outdated(seal.key):
            return False
        try:
            newest = self._keys.reseal_seal(seal.key)
            self._credentials.reseal(seal.id, old=seal.key, new=newest, actor=ROTATION, at=self._now())
        except (Unavailable, CredentialUnusable) as error:
            _log.warning("seal %s stays under its older KEK for now: %s", seal.id, type(error).__name__)
            return False
        return True

    def _kept(self, whose: Signatory, *, replaces: str | None, actor: str) -> Credential:
        """A new credential, stored; a certificate whose key was not kept does not stay valid."""
        common_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, whose.name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(common_name)
        key, csr = self._keys.generate_seal(
            key_id=self._new_id(),
            signatory_id=whose.id,
            make_csr=lambda live: request.sign(live, hashes.SHA256()),
        )
        chain = self._issuer.issue(CertificateRequest(csr=csr, signatory=whose))
        made = Credential(id=self._new_id(), signatory=whose, key=key, chain=chain, state=CredentialState.ACTIVE)
        try:
            self._credentials.install(
                made,
                replaces=replaces,
                ended=CredentialState.RETIRED,
                registration_id=None,
                actor=actor,
                at=self._now(),
            )
        except SignerError:
            self._issuer.revoke(chain[0], reason=x509.ReasonFlags.superseded, actor=actor)
            raise
        return made

    def _new_id(self) -> str:
        return self._random_bytes(_ID_BYTES).hex()


def _require_seal(credential: Credential) -> None:
    if not credential.is_seal:
        raise CredentialUnusable("A person's credential is no seal.", field="credential", reason="no-seal")


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise Refused("Write networks as 192.0.2.0/24.", field="networks", reason="no-network") from None


def _require(holds: bool, field: str, message: str) -> None:
    if not holds:
        raise Refused(message, field=field, reason="out-of-bounds")
