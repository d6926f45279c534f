"""Consents: each used once for each of its digests, and only by whom it was given for."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, case, exists, insert, update
from sqlalchemy.orm import Session

from signer.authorisation import AuthorisationKind, AuthorisationState, AuthorisedDigest, LaterUse, Purpose
from signer.errors import ActivationRefused
from signer.model import Activation
from store.activation_tables import ActivationDigestRow, ActivationRow, CarriedKeyRow
from store.audit import Act, Outcome, append
from store.base import UtcTime, table_of
from store.database import Database

_CONSENTS: Final = table_of(ActivationRow)
_DIGESTS: Final = table_of(ActivationDigestRow)
_NOW: Final = bindparam("now", type_=UtcTime())

_GRANT: Final = insert(_CONSENTS)
_COVER: Final = insert(_DIGESTS)
_CARRY: Final = insert(table_of(CarriedKeyRow))
_COUNT: Final = (
    update(_CONSENTS)
    .where(_CONSENTS.c.handle_sha256 == bindparam("handle"))
    .values(used=_CONSENTS.c.used + 1, state=case((_CONSENTS.c.used + 1 >= _CONSENTS.c.total, "spent"), else_="active"))
)
_SPEND: Final = (  # one statement that nobody can come between: whoever gets a row back has spent it
    update(_DIGESTS)
    .where(_DIGESTS.c.handle_sha256 == bindparam("handle"), _DIGESTS.c.digest == bindparam("signed"))
    .where(_DIGESTS.c.spent_at.is_(None))
    .where(
        exists().where(
            _CONSENTS.c.handle_sha256 == _DIGESTS.c.handle_sha256,
            _CONSENTS.c.client_id == bindparam("client"),
            _CONSENTS.c.credential_id == bindparam("credential"),
            _CONSENTS.c.state == "active",
            _CONSENTS.c.kind == "consent",
            _CONSENTS.c.granted_at <= _NOW,
            _CONSENTS.c.expires_at > _NOW,
        )
    )
    .values(spent_at=_NOW)
    .returning(_DIGESTS.c.digest)
)


class SqlActivationStore:
    """`signer.ports.ActivationStore`. The handle (`Activation.id`) is a secret of the client: only its hash is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, activation: Activation) -> None:
        """A new consent; raises `AlreadyExists` for a handle that was ever used."""
        with self._database.transaction() as session:
            grant_in(session, activation)

    def redeem(self, activation_id: str, *, client_id: str, credential_id: str, digest: str, at: datetime) -> None:
        """Use the consent up for `digest`: one conditional UPDATE, so of many askers exactly one wins.

        Raises `ActivationRefused` for another client, credential or digest, before its time, expired, or used; the
        refusal is in the trail before the caller hears of it.
        """
        with self._database.transaction() as session:
            spent = spend(
                session, activation_id, client_id=client_id, credential_id=credential_id, digest=digest, at=at
            )
        if not spent:
            raise not_covered()


def spend(
    session: Session, activation_id: str, *, client_id: str, credential_id: str, digest: str, at: datetime
) -> bool:
    """Use a consent up for `digest` in the caller's transaction; whether it covered it. Either way it is noted."""
    handle = _hashed(activation_id)
    asked = {"handle": handle, "client": client_id, "credential": credential_id, "signed": digest, "now": at}
    spent = session.scalar(_SPEND, asked) is not None
    if spent:
        session.execute(_COUNT, {"handle": handle})
    append(
        session,
        Act.ACTIVATION_REDEEM,
        f"activation:{handle}",
        at=at,
        outcome=Outcome.DONE if spent else Outcome.REFUSED,
        details={"credential": credential_id, "client": client_id, "digest": digest},
    )
    return spent


def not_covered() -> ActivationRefused:
    """What the caller of a refused redemption is told."""
    return ActivationRefused(
        "The consent does not cover this document, or has expired or been used. Ask for a new one.",
        field="activation",
        reason="not-covered",
    )


def grant_in(session: Session, activation: Activation, later: LaterUse | None = None) -> None:
    """A new consent, in a transaction that may hold more than that; `later`: it is used with the SAD for its code."""
    handle = _hashed(activation.id)
    consent = {
        "handle_sha256": handle,
        "credential_id": activation.credential_id,
        "client_id": activation.client_id,
        "factors": list(activation.factors),
        "granted_at": activation.granted_at,
        "expires_at": activation.expires_at,
    }
    digests = tuple(AuthorisedDigest(value=each, purpose=Purpose.SDR) for each in sorted(activation.digests))
    if later is not None:
        digests = later.digests
        consent |= {
            "kind": AuthorisationKind.OAUTH2CODE.value,
            "state": AuthorisationState.APPROVED.value,
            "origin": later.origin,
            "user_id": later.user_id,
            "request_id": later.request_id,
            "code_sha256": later.code_sha256,
            "hard_end": later.hard_end,
        }
    write_consent(session, consent | {"total": len(digests)}, digests)
    if later is not None:
        session.execute(_CARRY, {"handle_sha256": handle} | asdict(later.carried))


def write_consent(session: Session, consent: dict[str, Any], digests: Sequence[AuthorisedDigest]) -> None:
    """The row, its digests, and their entry in the trail."""
    handle = consent["handle_sha256"]
    session.execute(_GRANT, consent)
    cover(session, handle, digests)
    append(
        session,
        Act.ACTIVATION_GRANT,
        f"activation:{handle}",
        at=consent["granted_at"],
        details={
            "credential": consent["credential_id"],
            "client": consent["client_id"],
            "factors": consent["factors"],
            "digests": len(digests),
        },
    )


def cover(session: Session, handle: str, digests: Sequence[AuthorisedDigest], **spent: Any) -> None:
    """More digests under a consent; `spent`: when and by which call, where that is now."""
    rows = [
        {
            "handle_sha256": handle,
            "digest": each.value,
            "purpose": None if each.purpose is None else each.purpose.value,
            "label": each.label,
        }
        | spent
        for each in digests
    ]
    if rows:
        session.execute(_COVER, rows)


def _hashed(handle: str) -> str:
    return hashlib.sha256(handle.encode("utf-8", "surrogatepass")).hexdigest()
