"""Tokens of people and applications, as hashes: issued, refreshed in families, revoked; and what people allowed."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from store.audit import Act, Outcome, append
from store.base import table_of
from store.client_model import ClientState
from store.database import Database
from store.oauth_model import Family, IssuedToken, ServiceConsent
from store.oauth_tables import OAuthConsentRow, OAuthFamilyRow, OAuthRefreshRow
from store.tables import AccessTokenRow, ClientRow

_ACCESS, _CLIENTS = table_of(AccessTokenRow), table_of(ClientRow)
_FAMILIES, _REFRESH, _CONSENTS = table_of(OAuthFamilyRow), table_of(OAuthRefreshRow), table_of(OAuthConsentRow)
_A, _C, _F, _R, _S = _ACCESS.c, _CLIENTS.c, _FAMILIES.c, _REFRESH.c, _CONSENTS.c
_TOKEN: Final = (  # asked with every call of an application
    select(_ACCESS, _C.scopes.label("allowed"))
    .join(_CLIENTS, _C.id == _A.client_id)
    .where(_A.token_sha256 == bindparam("token"), _C.state == ClientState.ACTIVE.value)
)


class SqlOAuthTokens:
    """Access tokens, families of refresh tokens, and consents to scope `service`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, token_sha256: str) -> IssuedToken | None:
        """In whatever state, of a client that is active; a scope that the client lost is gone at once."""
        with self._database.transaction() as session:
            row = session.execute(_TOKEN, {"token": token_sha256}).one_or_none()
        if row is None:
            return None
        values = row._asdict()
        allowed = frozenset(values.pop("allowed"))
        return IssuedToken(**{**values, "scopes": frozenset(row.scopes) & allowed})

    def begin(self, family: Family, access: IssuedToken, refresh_sha256: str | None, *, at: datetime) -> None:
        """A new family with its first tokens, where no code was exchanged for it."""
        with self._database.transaction() as session:
            begin_family(session, family, access, refresh_sha256, at=at)

    def family_of(self, refresh_sha256: str) -> Family | None:
        """Whose refresh token this is, in whatever state."""
        with self._database.transaction() as session:
            family_id = session.scalar(select(_R.family_id).where(_R.token_sha256 == refresh_sha256))
            return None if family_id is None else _family(session, family_id)

    def rotate(
        self, old_sha256: str, *, client_id: str, new_sha256: str, access: IssuedToken, at: datetime
    ) -> Family | None:
        """Another refresh token in the place of a good one of that client, with an access token; else `None`.

        `access`: its user and family are those of the refresh token. One that was used before ends the whole family:
        two have it, and one of them stole it (RFC 9700, 4.14.2).
        """
        good = exists().where(
            _F.id == _R.family_id, _F.client_id == client_id, _F.revoked_at.is_(None), _F.ends_at > at
        )
        used = update(_REFRESH).where(_R.token_sha256 == old_sha256, _R.used_at.is_(None), good).values(used_at=at)
        with self._database.transaction() as session:
            family_id = session.scalar(used.returning(_R.family_id))
            if family_id is None:
                self._end_reused(session, old_sha256, client_id, at)
                return None
            family = _family(session, family_id)
            session.execute(insert(_REFRESH), {"token_sha256": new_sha256, "family_id": family_id})
            _issue(session, access, family, at=at)
        return family

    def revoke_refresh(self, token_sha256: str, *, client_id: str, at: datetime) -> bool:
        """End a live refresh token of that client with all that came of it; whether there was one."""
        live = (
            select(_R.family_id)
            .join(_FAMILIES, _F.id == _R.family_id)
            .where(_R.token_sha256 == token_sha256, _R.used_at.is_(None), _F.client_id == client_id)
            .where(_F.revoked_at.is_(None), _F.ends_at > at)
        )
        with self._database.transaction() as session:
            family_id = session.scalar(live)
            return family_id is not None and end_family(session, family_id, reason="revoked", at=at)

    def purge(self, *, before: datetime) -> int:
        """Forget families that ended before then, with their refresh tokens; how many."""
        over = select(_F.id).where(_F.ends_at < before)
        with self._database.transaction() as session:
            session.execute(delete(_REFRESH).where(_R.family_id.in_(over)))
            return len(session.scalars(delete(_FAMILIES).where(_F.ends_at < before).returning(_F.id)).all())

    def consented(self, client_id: str, user_id: str) -> bool:
        """Whether that person lets that application call in their name."""
        with self._database.transaction() as session:
            return session.scalar(select(_S.client_id).where(_one_consent(client_id, user_id))) is not None

    def consents(self, user_id: str) -> tuple[ServiceConsent, ...]:
        """Of one person, the newest first."""
        query = select(_CONSENTS).where(_S.user_id == user_id).order_by(_S.given_at.desc(), _S.client_id)
        with self._database.transaction() as session:
            return tuple(ServiceConsent(**row._asdict()) for row in session.execute(query))

    def consent(self, consent: ServiceConsent) -> None:
        """From now on they need not be asked again; harmless where they were."""
        client_id, user_id = consent.client_id, consent.user_id
        with self._database.transaction() as session:
            # the client's row is the lock: of two tabs at once the second sees the first
            session.execute(update(_CLIENTS).where(_C.id == client_id).values(state=_C.state))
            if session.scalar(select(_S.client_id).where(_one_consent(client_id, user_id))) is None:
                session.execute(insert(_CONSENTS), asdict(consent))
                append(session, Act.CONSENT_GIVE, f"client:{client_id}", at=consent.given_at, details={"user": user_id})

    def withdraw(self, client_id: str, user_id: str, *, at: datetime) -> bool:
        """The consent ends, and every token that came of it."""
        gone = delete(_CONSENTS).where(_one_consent(client_id, user_id)).returning(_S.client_id)
        with self._database.transaction() as session:
            if session.scalar(gone) is None:
                return False
            append(session, Act.CONSENT_WITHDRAW, f"client:{client_id}", at=at, details={"user": user_id})
            end_families_of(session, user_id, client_id=client_id, reason="withdrawn", at=at)
        return True

    def _end_reused(self, session: Session, token_sha256: str, client_id: str, at: datetime) -> None:
        """Of a refresh token that came a second time; of another client's nothing happens."""
        query = (
            select(_R.family_id)
            .join(_FAMILIES, _F.id == _R.family_id)
            .where(_R.token_sha256 == token_sha256, _R.used_at.is_not(None), _F.client_id == client_id)
        )
        family_id = session.scalar(query)
        if family_id is not None:
            end_family(session, family_id, reason="refresh-token-used", at=at)


def begin_family(
    session: Session, family: Family, access: IssuedToken, refresh_sha256: str | None, *, at: datetime
) -> None:
    """A new family with its first tokens, in the transaction in which its code is used up."""
    session.execute(insert(_FAMILIES), asdict(family))
    if refresh_sha256 is not None:
        session.execute(insert(_REFRESH), {"token_sha256": refresh_sha256, "family_id": family.id})
    _issue(session, access, family, at=at)


def end_family(session: Session, family_id: str, *, reason: str, at: datetime) -> bool:
    """No token of it is good any more; whether one could have been."""
    this = update(_FAMILIES).where(_F.id == family_id, _F.revoked_at.is_(None)).values(revoked_at=at)
    row = session.execute(this.returning(_F.client_id, _F.user_id)).one_or_none()
    if row is None:
        return False
    living = update(_ACCESS).where(_A.family_id == family_id, _A.revoked_at.is_(None))
    session.execute(living.values(revoked_at=at))
    outcome = Outcome.REFUSED if reason.endswith("-used") else Outcome.DONE
    details = {"user": row.user_id, "family": family_id}
    who = f"client:{row.client_id}"
    append(session, Act.TOKEN_REVOKE, who, at=at, outcome=outcome, reason=reason, details=details)
    return True


def end_families_of(session: Session, user_id: str, *, client_id: str | None = None, reason: str, at: datetime) -> None:
    """No token of that person or account is good any more, of one application or of all."""
    living = select(_F.id).where(_F.user_id == user_id, _F.revoked_at.is_(None))
    if client_id is not None:
        living = living.where(_F.client_id == client_id)
    for family_id in session.scalars(living).all():
        end_family(session, family_id, reason=reason, at=at)


def _issue(session: Session, access: IssuedToken, family: Family, *, at: datetime) -> None:
    row = {
        "token_sha256": access.token_sha256,
        "client_id": family.client_id,
        "scopes": sorted(access.scopes),
        "expires_at": access.expires_at,
        "user_id": family.user_id,
        "family_id": family.id,
    }
    session.execute(insert(_ACCESS), row)
    details = {"user": family.user_id, "family": family.id, "scopes": sorted(access.scopes)}
    append(session, Act.TOKEN_ISSUE, f"client:{family.client_id}", at=at, details=details)


def _family(session: Session, family_id: str) -> Family:
    row = session.execute(select(_FAMILIES).where(_F.id == family_id)).one()
    values = row._asdict()
    del values["revoked_at"]
    return Family(**values)


def _one_consent(client_id: str, user_id: str) -> Any:
    return (_S.client_id == client_id) & (_S.user_id == user_id)
