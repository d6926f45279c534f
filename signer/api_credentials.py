"""API credentials: the names and passwords with which applications call the gateway, and what each of them may.

One belongs to an application that is registered already, so quotas, kinds, log and events count its calls as that
application's. That it exists is an administrator's consent that passphrases come in by this door.
"""

import base64
import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from signer.errors import ApiCredentialRefused, ApiCredentialUnknown
from signer.model import Secret

MOST_NETWORKS: Final = 50
LONGEST_DESCRIPTION: Final = 200
_PASSWORD_BYTES: Final = 24
_USER_NAME: Final = re.compile(r"(?![0-9._~-]*$)[0-9A-Za-z._~-]{1,64}")
"""No colon (RFC 7617, 2), and a letter in it: a name that is a NIK must not get into the audit trail."""
_KIND: Final = 100


class GeometryReading(StrEnum):
    """What `width` and `height` of the gateway's first version are."""

    AUTO = "auto"
    """The upper right corner where both are greater than the lower left one, else a size."""
    CORNER = "corner"
    SIZE = "size"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCredential:
    """One pair of user name and password, without the password."""

    user_name: str
    client_id: str
    """The application that it belongs to."""
    description: str = ""
    networks: tuple[str, ...] = ()
    """From where it may be used (CIDR); empty: from everywhere."""
    enabled: bool = True
    kind: str | None = None
    """Kind of document where a call names none."""
    unstated_kinds: bool = True
    """Whether documents of which nobody says the kind are signed."""
    geometry: GeometryReading = GeometryReading.AUTO
    certified_only: bool = False
    """Whether `cert_user_certified` is said only of certificates under a configured anchor of certified ones."""
    codes: bool = False
    """Whether officials may open sessions to it, in which it signs with codes that they get by mail."""
    created_at: datetime
    owner_active: bool = True
    """Whether its application is."""
    owner_networks: tuple[str, ...] = ()
    """From where its application may come at all; empty: from everywhere."""
    scopes: frozenset[str] = field(default_factory=frozenset)
    """What its application may ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an administrator decides about one; `None` leaves it as it is."""

    description: str | None = None
    networks: Sequence[str] | None = None
    kind: str | None = None
    """Empty: none."""
    unstated_kinds: bool | None = None
    geometry: GeometryReading | None = None
    certified_only: bool | None = None
    codes: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A credential and its password, told this once."""

    credential: ApiCredential
    password: Secret


Requirement = Callable[[ApiCredential], None]
"""Refuses a change by raising, having seen what is changed, in the transaction that changes it."""


class ApiCredentialStore(Protocol):
    """What is remembered of them. Each change and its audit entry are one transaction."""

    def add(self, credential: ApiCredential, password: Secret, /, *, actor: str | None) -> None:
        """Raises `ApiCredentialRefused` for a name that is taken, or an application that is none."""
        ...

    def get(self, user_name: str, /) -> ApiCredential | None: ...

    def all(self, *, after: str, limit: int) -> tuple[ApiCredential, ...]:
        """By user name."""
        ...

    def authenticate(self, user_name: str, password: Secret, /) -> ApiCredential | None:
        """Also one that is disabled; the same answer and time for an unknown name and a wrong password."""
        ...

    def change(
        self, credential: ApiCredential, require: "Requirement", /, *, actor: str | None, at: datetime
    ) -> None: ...

    def enable(
        self, user_name: str, enabled: bool, require: "Requirement", /, *, actor: str | None, at: datetime
    ) -> None: ...

    def rotate(self, user_name: str, password: Secret, /, *, actor: str | None, at: datetime) -> None: ...

    def remove(self, user_name: str, /, *, actor: str | None, at: datetime) -> None: ...


class ApiCredentials:
    """Made, changed and ended by administrators. `actor`: who does it, for the audit trail; `None`: whoever acts."""

    def __init__(
        self,
        store: ApiCredentialStore,
        *,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._now = now
        self._random_bytes = random_bytes

    def add(self, user_name: str, client_id: str, terms: Terms, *, actor: str | None = None) -> NewPassword:
        """A new one for an application that is registered; raises `ApiCredentialRefused`."""
        _require(
            _USER_NAME.fullmatch(user_name) is not None,
            "userName",
            "bad-name",
            "A user name has 1 to 64 letters, digits, dots, dashes, tildes and underscores, and a letter among them.",
        )
        blank = ApiCredential(user_name=user_name, client_id=client_id, created_at=self._now())
        made = NewPassword(credential=_under(terms, blank), password=self._password())
        self._store.add(made.credential, made.password, actor=actor)
        return made

    def get(self, user_name: str) -> ApiCredential:
        """One of them; raises `ApiCredentialUnknown`."""
        found = self._store.get(user_name) if _USER_NAME.fullmatch(user_name) else None
        if found is None:
            raise _unknown()
        return found

    def all(self, *, after: str = "", limit: int = 100) -> tuple[ApiCredential, ...]:
        """By user name."""
        return self._store.all(after=after, limit=limit)

    def authenticate(self, user_name: str, password: Secret) -> ApiCredential | None:
        """The one of that name and password, enabled or not."""
        return self._store.authenticate(user_name, password) if _USER_NAME.fullmatch(user_name) else None

    def change(
        self, user_name: str, terms: Terms, *, actor: str | None = None, require: Requirement = lambda _: None
    ) -> ApiCredential:
        """Other terms; raises `ApiCredentialUnknown`, `ApiCredentialRefused`, and as `require`."""
        changed = _under(terms, self.get(user_name))
        self._store.change(changed, require, actor=actor, at=self._now())
        return changed

    def enable(
        self, user_name: str, enabled: bool, *, actor: str | None = None, require: Requirement = lambda _: None
    ) -> ApiCredential:
        """Switch it on or off; raises `ApiCredentialUnknown`, and as `require`."""
        found = self.get(user_name)
        if found.enabled is enabled:
            require(found)
        else:
            self._store.enable(user_name, enabled, require, actor=actor, at=self._now())
        return replace(found, enabled=enabled)

    def rotate(self, user_name: str, *, actor: str | None = None) -> NewPassword:
        """Another password; the one of before is good no more. Raises `ApiCredentialUnknown`."""
        rotated = NewPassword(credential=self.get(user_name), password=self._password())
        self._store.rotate(user_name, rotated.password, actor=actor, at=self._now())
        return rotated

    def remove(self, user_name: str, *, actor: str | None = None) -> ApiCredential:
        """Forget it; what was signed with it stays. Raises `ApiCredentialUnknown`."""
        removed = self.get(user_name)
        self._store.remove(user_name, actor=actor, at=self._now())
        return removed

    def _password(self) -> Secret:
        # letters and digits alone: it goes through configuration files, shells and forms of other houses
        text = base64.b32encode(self._random_bytes(_PASSWORD_BYTES)).decode().rstrip("=").lower()
        return Secret(text)


def _under(terms: Terms, credential: ApiCredential) -> ApiCredential:
    """`credential` with what `terms` decide; raises `ApiCredentialRefused`."""
    given: dict[str, Any] = {
        "description": _text("description", terms.description, LONGEST_DESCRIPTION),
        "networks": _networks(terms.networks),
        "unstated_kinds": terms.unstated_kinds,
        "geometry": terms.geometry,
        "certified_only": terms.certified_only,
        "codes": terms.codes,
    }
    changed = replace(credential, **{name: value for name, value in given.items() if value is not None})
    kind = _text("kind", terms.kind, _KIND)
    return changed if kind is None else replace(changed, kind=kind or None)


def _text(field_name: str, text: str | None, most: int) -> str | None:
    if text is not None:
        fits = len(text) <= most and (not text or text.isprintable())
        _require(fits, field_name, "bad-text", f"At most {most} characters, without control characters.")
    return None if text is None else text.strip()


def _networks(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    if texts is None:
        return None
    _require(len(texts) <= MOST_NETWORKS, "networks", "too-many", f"At most {MOST_NETWORKS} networks.")
    try:
        return tuple(str(ipaddress.ip_network(each)) for each in texts)
    except ValueError:
        raise ApiCredentialRefused("Write networks as 192.0.2.0/24.", field="networks", reason="no-network") from None


def _require(holds: bool, field_name: str, reason: str, message: str) -> None:
    if not holds:
        raise ApiCredentialRefused(message, field=field_name, reason=reason)


def _unknown() -> ApiCredentialUnknown:
    return ApiCredentialUnknown("There is no such API credential.", field="userName", reason="unknown")
