"""Validation policies: named, versioned, frozen; what a signature must satisfy to pass (EN 319 102-1, 4.3)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from verifier.errors import PolicyRefused
from verifier.model import ChangeKind

T = TypeVar("T")

POLICIES: Final = Path(__file__).parent / "policies"

_KEY_USAGES: Final = frozenset({"digital_signature", "content_commitment"})
_KEY_KINDS: Final = frozenset({"rsa", "ec", "ed25519", "ed448"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedDigest:
    """One digest algorithm, and the last day for which it is accepted."""

    name: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedKey:
    """One kind of key from a size on, and the last day for which it is accepted."""

    kind: str
    minimum_bits: int
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationPolicy:
    """What a signature must satisfy to pass."""

    name: str
    version: int
    status_max_age: timedelta
    """How old the status of a signatory or a timestamp unit may be at the proven time."""
    authority_status_max_age: timedelta
    """The same for the status of certification authorities."""
    clock_skew: timedelta
    """How far clocks of others may run ahead of `at`."""
    allowed_changes: frozenset[ChangeKind]
    """What later revisions may do; anything else is DOCUMENT_CHANGED."""
    key_usages: frozenset[str]
    """One of these must be asserted; a certificate without key usage does not pass."""
    extended_key_usages: frozenset[str]
    """One of these OIDs, where the certificate names any."""
    digests: tuple[AcceptedDigest, ...]
    keys: tuple[AcceptedKey, ...]

    @property
    def id(self) -> str:
        """Name and version as reports show them, e.g. `teken-1`."""
        return f"{self.name}-{self.version}"

    def digest_ends(self, name: str) -> date | None:
        """The last day for which this digest is accepted; `None` where it never was."""
        return max((each.until for each in self.digests if each.name == name), default=None)

    def key_ends(self, kind: str, bits: int) -> date | None:
        """The last day for which such a key is accepted; `None` where it never was."""
        fit = (each.until for each in self.keys if each.kind == kind and bits >= each.minimum_bits)
        return max(fit, default=None)

    def accepts_digest(self, name: str, at: datetime) -> bool:
        """Whether a signature proven to exist at `at` may use this digest."""
        return any(each.name == name and at.date() <= each.until for each in self.digests)

    def accepts_key(self, kind: str, bits: int, at: datetime) -> bool:
        """Whether a signature proven to exist at `at` may be made with such a key."""
        return any(each.kind == kind and bits >= each.minimum_bits and at.date() <= each.until for each in self.keys)


def load_policy(policy_id: str, folder: Path = POLICIES) -> ValidationPolicy:
    """The policy with this id (`teken-1`). Raises `PolicyRefused` where it is absent, incomplete or says too much."""
    path = folder / f"{policy_id}.toml"
    if path.parent != folder or not path.is_file():
        raise PolicyRefused(f"there is no validation policy {policy_id!r}: see {folder}", field="policy")
    policy = policy_from_toml(path.read_text(encoding="utf-8"))
    if policy.id != policy_id:
        raise PolicyRefused(f"the file {path.name} calls itself {policy.id!r}: rename one of them", field="name")
    return policy


def policy_from_toml(text: str) -> ValidationPolicy:
    """Parse one policy; unknown and missing keys raise `PolicyRefused` with the name of the key."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyRefused(f"not TOML: {error}", field="policy") from None
    _expect(table, "", {"name", "version", "status", "later_changes", "certificate", "digests", "keys"})
    status, changes, certificate = table["status"], table["later_changes"], table["certificate"]
    _expect(status, "status.", {"signer_max_age_hours", "authority_max_age_days", "clock_skew_seconds"})
    _expect(changes, "later_changes.", {"allowed"})
    _expect(certificate, "certificate.", {"key_usages", "extended_key_usages"})
    return ValidationPolicy(
        name=_typed(table["name"], str, "name"),
        version=_typed(table["version"], int, "version"),
        status_max_age=timedelta(hours=_typed(status["signer_max_age_hours"], int, "status.signer_max_age_hours")),
        authority_status_max_age=timedelta(
            days=_typed(status["authority_max_age_days"], int, "status.authority_max_age_days")
        ),
        clock_skew=timedelta(seconds=_typed(status["clock_skew_seconds"], int, "status.clock_skew_seconds")),
        allowed_changes=frozenset(_change(each) for each in changes["allowed"]),
        key_usages=_subset(certificate["key_usages"], _KEY_USAGES, "certificate.key_usages"),
        extended_key_usages=frozenset(
            _typed(each, str, "certificate.extended_key_usages") for each in certificate["extended_key_usages"]
        ),
        digests=tuple(
            AcceptedDigest(name=name, until=_typed(until, date, f"digests.{name}"))
            for name, until in table["digests"].items()
        ),
        keys=tuple(_key(each) for each in table["keys"]),
    )


def _key(row: Mapping[str, Any]) -> AcceptedKey:
    _expect(row, "keys.", {"kind", "minimum_bits", "until"})
    if row["kind"] not in _KEY_KINDS:
        raise PolicyRefused(f"unknown kind of key {row['kind']!r}: one of {sorted(_KEY_KINDS)}", field="keys.kind")
    return AcceptedKey(
        kind=row["kind"],
        minimum_bits=_typed(row["minimum_bits"], int, "keys.minimum_bits"),
        until=_typed(row["until"], date, "keys.until"),
    )


def _change(value: object) -> ChangeKind:
    try:
        kind = ChangeKind(value)
    except ValueError:
        raise PolicyRefused(f"unknown kind of change {value!r}", field="later_changes.allowed") from None
    if kind in (ChangeKind.ANNOTATION, ChangeKind.OTHER):
        # The difference analysis cannot tell a harmless one from a forged paragraph laid over the page.
        raise PolicyRefused(f"{value!r} can never be allowed: remove it", field="later_changes.allowed")
    return kind


def _subset(values: object, known: frozenset[str], field: str) -> frozenset[str]:
    chosen = frozenset(_typed(values, list, field))
    if not chosen or not chosen <= known:
        raise PolicyRefused(f"{field} must name some of {sorted(known)}", field=field)
    return chosen


def _expect(table: object, where: str, keys: set[str]) -> None:
    if not isinstance(table, dict):
        raise PolicyRefused(f"{where.rstrip('.')} must be a table", field=where.rstrip("."))
    for name in sorted(table.keys() - keys):
        raise PolicyRefused(f"unknown setting {where}{name}: remove it or correct its name", field=f"{where}{name}")
    for name in sorted(keys - table.keys()):
        raise PolicyRefused(f"setting {where}{name} is missing", field=f"{where}{name}")


def _typed(value: object, kind: type[T], field: str) -> T:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise PolicyRefused(f"{field} must be of type {kind.__name__}", field=field)
    return value
