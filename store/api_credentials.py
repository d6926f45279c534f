"""API credentials of the gateway. Passwords have 192 random bits, so a plain SHA-256 of them is as good as a slow
hash, and nothing else is kept."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from signer.api_credentials import ApiCredential, GeometryReading
from signer.errors import ApiCredentialRefused
from signer.model import Secret
from store.audit import Act, append
from store.base import table_of
from store.client_model import ClientState
from store.code_session_ends import end_of_application
from store.database import Database
from store.errors import AlreadyExists
from store.esign_tables import ApiCredentialRow
from store.tables import ClientRow

_TABLE: Final = table_of(ApiCredentialRow)
_A: Final = _TABLE.c
_CLIENT: Final = table_of(ClientRow).c
_FOUND: Final = select(
    _TABLE, _CLIENT.state.label("owner_state"), _CLIENT.scopes, _CLIENT.networks.label("owner_networks")
).join(ClientRow, _CLIENT.id == _A.client_id)
_NOBODY: Final = "00" * 32  # compared with where there is no such name, so that both answers take the same time
_OF_THE_OWNER: Final = ("owner_active", "owner_networks", "scopes")
_TERMS: Final = ("description", "networks", "kind", "unstated_kinds", "geometry", "certified_only", "codes")


class SqlApiCredentials:
    """`signer.api_credentials.ApiCredentialStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, credential: ApiCredential, password: Secret, *, actor: str | None) -> None:
        """Raises `ApiCredentialRefused` for a name that is taken, or an application that is none."""
        client_id = credential.client_id
        row = {each.name: getattr(credential, each.name) for each in fields(credential)}
        row |= {name: _written(row[name]) for name in _TERMS} | {"password_sha256": _hashed(password)}
        columns = {name: value for name, value in row.items() if name not in _OF_THE_OWNER}
        try:
            with self._database.transaction() as session:
                known = select(_CLIENT.id).where(_CLIENT.id == client_id, _CLIENT.state == ClientState.ACTIVE.value)
                if session.scalar(known) is None:
                    message = "No active application has this identifier. Register it first."
                    raise ApiCredentialRefused(message, field="client", reason="unknown")
                session.execute(insert(_TABLE).values(**columns))
                at, told = credential.created_at, _told(credential)
                _note(session, Act.API_CREDENTIAL_ADD, credential.user_name, actor, at, client=client_id, **told)
        except AlreadyExists:
            message = "This user name is taken. Choose another one."
            raise ApiCredentialRefused(message, field="userName", reason="taken") from None

    def get(self, user_name: str) -> ApiCredential | None:
        """The one of that name."""
        with self._database.transaction() as session:
            row = session.execute(_FOUND.where(_A.user_name == user_name)).one_or_none()
            return _credential(row) if row else None

    def all(self, *, after: str, limit: int) -> tuple[ApiCredential, ...]:
        """Those behind `after`, by user name."""
        page = _FOUND.where(_A.user_name > after).order_by(_A.user_name).limit(limit)
        with self._database.transaction() as session:
            return tuple(map(_credential, session.execute(page)))

    def authenticate(self, user_name: str, password: Secret) -> ApiCredential | None:
        """The one of that name and password, enabled or not; wrong and unknown look and take the same."""
        with self._database.transaction() as session:
            row = session.execute(_FOUND.where(_A.user_name == user_name)).one_or_none()
        right = hmac.compare_digest(_hashed(password), row.password_sha256 if row else _NOBODY)
        return _credential(row) if row is not None and right else None

    def change(
        self, credential: ApiCredential, require: Callable[[ApiCredential], None], *, actor: str | None, at: datetime
    ) -> None:
        """Other terms; `require` may refuse them, having seen those of now."""
        terms = {name: _written(getattr(credential, name)) for name in _TERMS}
        with self._updated(credential.user_name, terms, require) as session:
            _note(session, Act.API_CREDENTIAL_CHANGE, credential.user_name, actor, at, **_told(credential))
            if not credential.codes:
                end_of_application(session, credential.user_name, at=at)

    def enable(
        self,
        user_name: str,
        enabled: bool,
        require: Callable[[ApiCredential], None],
        *,
        actor: str | None,
        at: datetime,
    ) -> None:
        """Switch it on or off; `require` likewise."""
        with self._updated(user_name, {"enabled": enabled}, require) as session:
            _note(session, Act.API_CREDENTIAL_STATE, user_name, actor, at, enabled=enabled)
            if not enabled:
                end_of_application(session, user_name, at=at)

    def rotate(self, user_name: str, password: Secret, *, actor: str | None, at: datetime) -> None:
        """Another password instead of the one of before."""
        with self._updated(user_name, {"password_sha256": _hashed(password)}) as session:
            _note(session, Act.API_CREDENTIAL_ROTATE, user_name, actor, at)
            end_of_application(session, user_name, at=at)

    def remove(self, user_name: str, *, actor: str | None, at: datetime) -> None:
        """Forget it."""
        with self._database.transaction() as session:
            session.execute(delete(_TABLE).where(_A.user_name == user_name))
            _note(session, Act.API_CREDENTIAL_REMOVE, user_name, actor, at)
            end_of_application(session, user_name, at=at)

    @contextmanager
    def _updated(
        self, user_name: str, values: dict[str, Any], require: Callable[[ApiCredential], None] = lambda _: None
    ) -> Iterator[Session]:
        this = update(_TABLE).where(_A.user_name == user_name)
        with self._database.transaction() as session:
            session.execute(this.values(user_name=_A.user_name))  # the row is the lock, and SQLite has none but a write
            row = session.execute(_FOUND.where(_A.user_name == user_name)).one_or_none()
            if row is not None:
                require(_credential(row))
            session.execute(this.values(**values))
            yield session


def _credential(row: Row[Any]) -> ApiCredential:
    kept = {each.name: getattr(row, each.name) for each in fields(ApiCredential) if each.name not in _OF_THE_OWNER}
    kept |= {"networks": tuple(row.networks), "geometry": GeometryReading(row.geometry)}
    active = row.owner_state == ClientState.ACTIVE.value
    return ApiCredential(
        **kept, owner_active=active, owner_networks=tuple(row.owner_networks), scopes=frozenset(row.scopes)
    )


def _told(credential: ApiCredential) -> dict[str, Any]:
    """Its terms as the trail has them; what people wrote in words of their own stays out."""
    return {name: _written(getattr(credential, name)) for name in _TERMS if name != "description"}


def _written(value: Any) -> Any:
    if isinstance(value, GeometryReading):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _hashed(password: Secret) -> str:
    return hashlib.sha256(password.reveal().encode("utf-8", "surrogatepass")).hexdigest()


def _note(session: Session, act: Act, user_name: str, actor: str | None, at: datetime, /, **details: Any) -> None:
    append(session, act, f"api-credential:{user_name}", at=at, actor=actor, details=details)
