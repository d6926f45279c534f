"""Custody in the running service: the stored canaries, the token tidied up at start, versions of KEK and pepper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from api.given import Now
from hsm_config.custody import make_version
from hsm_config.gate import Gate
from hsm_config.package import Package, Purpose, key_sha256
from hsm_config.settings import HsmSettings
from hsm_config.token_objects import Reconciliation, destroy_secret, list_labels, remove_leftovers
from hsm_config.transport import make_transport_key
from hsm_config.vault import HsmVault
from hsm_config.vault import SealedKey as HsmSealedKey
from signer.model import SealedKey
from store.audit import Act, AuditTrail
from store.custody import SqlCustodyStore
from store.errors import AlreadyExists

Say = Callable[[str], None]


class CustodyRefused(Exception):
    """A step of custody that may not be taken; the text names the reason and the way out."""


class _Vault(Protocol):
    def new_canary(self) -> HsmSealedKey: ...
    def sing(self, canary: HsmSealedKey) -> None: ...
    def is_outdated(self, sealed: HsmSealedKey) -> bool: ...


class StoredCanaries:
    """The canaries in the database: they notice a KEK or pepper that was exchanged between two runs."""

    def __init__(self, store: SqlCustodyStore, vault: HsmVault, *, now: Now) -> None:
        self._store = store
        self._vault: _Vault = vault
        self._now = now

    def store_missing(self) -> None:
        """A canary for today's KEK and pepper, where they have none; an existing one is never replaced."""
        if any(not self._vault.is_outdated(_of(canary)) for canary in self._store.canaries()):
            return
        fresh = self._vault.new_canary()
        try:
            self._store.add_canary(SealedKey(**_fields(fresh)), actor="custody", at=self._now())
        except AlreadyExists:
            return  # two processes started at once, and the other one was first

    def sing(self) -> None:
        """Every stored canary is opened, signs and is destroyed; raises `hsm_config.errors.HsmError`."""
        for canary in self._store.canaries():
            self._vault.sing(_of(canary))


def _of(row: SealedKey) -> HsmSealedKey:
    return HsmSealedKey(**_fields(row))


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SealedKey.__dataclass_fields__}


def expected_labels(settings: HsmSettings, certificates: Path, store: SqlCustodyStore) -> frozenset[str]:
    """What may lie on the token: keys whose public part is published in the folder `certificates`, today's KEK and
    pepper, older ones that a row still names, and the transport key."""
    published = {path.stem for kind in ("*.cer", "*.spki") for path in certificates.glob(kind)}
    canaries = {label for canary in store.canaries() for label in (canary.kek_label, canary.pepper_label)}
    today = {settings.keys.kek, settings.keys.pepper, settings.transport_label}
    return frozenset(published | canaries | today | set(store.named_by()))


def told(found: Reconciliation) -> tuple[str, ...]:
    """What an operator has to know of a reconciliation; empty when the token is tidy. Missing keys are told by those
    who need them."""
    return (
        *(f"left behind by an interrupted run: {line}" for line in found.removed),
        *(f"{label} does not work: receive it again from its transport package" for label in found.broken),
        *(f"{label}: a key that nobody expects; keep it until its maker is found" for label in found.unexpected),
    )


def tidy_token(
    settings: HsmSettings, certificates: Path, stores: "CustodyStores", gate: Gate, *, now: Now
) -> tuple[str, ...]:
    """Remove what interrupted writers left on the token, note it in the trail, and say what else is odd. To be called
    at start by the process that has the token to itself."""
    found = remove_leftovers(gate, expected_labels(settings, certificates, stores.custody))
    if found.removed:
        stores.audit.record(
            Act.KEY_CUSTODY,
            f"token:{settings.token_label}",
            at=now(),
            actor="custody",
            details={"what": "tidied up", "removed": list(found.removed)},
        )
    return told(found)


class CustodyStores(Protocol):
    """The part of `api.stores.Stores` that is needed here."""

    @property
    def custody(self) -> SqlCustodyStore: ...

    @property
    def audit(self) -> AuditTrail: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """The acts of custodians; each is in the audit trail, and no act without its entry."""

    hsm: HsmSettings
    gate: Gate
    store: SqlCustodyStore
    audit: AuditTrail
    now: Now
    say: Say
    actor: str

    @property
    def folder(self) -> Path:
        """Where the packages of this token are kept."""
        return self.hsm.pin_file.parent / "transport"

    def make(self, label: str, purpose: Purpose, others: Sequence[bytes] = ()) -> tuple[Path, ...]:
        """A new version, on this token and packed for the `others`; raises `hsm_config.errors.HsmError`."""
        tokens = [key_sha256(other) for other in others]
        self._note(label, {"what": f"{purpose.value} made", "also for": tokens})
        return make_version(
            self.gate,
            label,
            purpose,
            transport_label=self.hsm.transport_label,
            folder=self.folder,
            others=others,
            say=self.say,
        )

    def make_missing(self) -> None:
        """Today's KEK and pepper, where the token lacks them."""
        labels = list_labels(self.gate)
        for label, purpose in ((self.hsm.keys.kek, Purpose.KEK), (self.hsm.keys.pepper, Purpose.PEPPER)):
            if label not in labels:
                self.make(label, purpose)

    def drop_broken(self) -> None:
        """Remove a KEK or pepper of today that does not work while its package is here to bring it again."""
        own = key_sha256(make_transport_key(self.gate, self.hsm.transport_label))
        for label in remove_leftovers(self.gate, list_labels(self.gate)).broken:
            if (self.folder / Package.name_of(label, own)).exists():
                self.say(f"HSM: {label} was cut off while it was received")
                destroy_secret(self.gate, label)

    def retire(self, label: str) -> None:
        """Destroy an older KEK or pepper for good, once nobody names it. Raises `CustodyRefused`."""
        if label in (self.hsm.keys.kek, self.hsm.keys.pepper):
            raise CustodyRefused(f"{label} is in use: name its successor in [hsm] of teken.toml first")
        named = self.store.retire(label, actor=self.actor, at=self.now())
        if named:
            raise CustodyRefused(
                f"{named} credential(s) still name {label}: they move when their owners sign next;"
                " retire it later, or let those credentials be renewed"
            )
        destroy_secret(self.gate, label)
        for package in self.folder.glob(f"{label}.for-*.json"):
            package.unlink()

    def note_received(self, label: str) -> None:
        """A package was received, or is about to be."""
        self._note(label, {"what": "received from its package"})

    def note_drill(self, canaries: int) -> None:
        """A recovery drill went well: so many canaries sang on the other token."""
        self._note("recovery", {"what": "drill", "canaries": canaries})

    def _note(self, label: str, details: dict[str, Any]) -> None:
        self.audit.record(Act.KEY_CUSTODY, f"key:{label}", at=self.now(), actor=self.actor, details=details)
