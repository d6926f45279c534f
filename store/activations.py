"""Consents (PKI reference, 10.7): each used once for each of its digests, and only by whom it was given for."""

import hashlib
from datetime import datetime

from sqlalchemy import exists, insert, update

from signer.errors import ActivationRefused
from signer.model import Activation
from store.audit import Act, Outcome, append
from store.database import Database
from store.tables import ActivationDigestRow, ActivationRow


class SqlActivationStore:
    """`signer.ports.ActivationStore`. The handle (`Activation.id`) is a secret of the client: only its hash is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, activation: Activation) -> None:
        """A new consent; raises `AlreadyExists` for a handle that was ever used."""
        handle = _hashed(activation.id)
        consent = {
            "handle_sha256": handle,
            "credential_id": activation.credential_id,
            "client_id": activation.client_id,
            "factors": list(activation.factors),
            "granted_at": activation.granted_at,
            "expires_at": activation.expires_at,
        }
        digests = [{"handle_sha256": handle, "digest": digest} for digest in sorted(activation.digests)]
        with self._database.transaction() as session:
            session.execute(insert(ActivationRow).values(**consent))
            if digests:
                session.execute(insert(ActivationDigestRow), digests)
            append(
                session,
                Act.ACTIVATION_GRANT,
                f"activation:{handle}",
                at=activation.granted_at,
                details={
                    "credential": activation.credential_id,
                    "client": activation.client_id,
                    "factors": list(activation.factors),
                    "digests": len(digests),
                },
            )

    def redeem(self, activation_id: str, *, client_id: str, credential_id: str, digest: str, at: datetime) -> None:
        """Use the consent up for `digest`: one conditional UPDATE, so of many askers exactly one wins.

        Raises `ActivationRefused` for another client, credential or digest, before its time, expired, or used; the
        refusal is in the trail before the caller hears of it.
        """
        handle = _hashed(activation_id)
        consent = exists().where(
            ActivationRow.handle_sha256 == handle,
            ActivationRow.client_id == client_id,
            ActivationRow.credential_id == credential_id,
            ActivationRow.granted_at <= at,
            ActivationRow.expires_at > at,
        )
        spend = (
            update(ActivationDigestRow)
            .where(ActivationDigestRow.handle_sha256 == handle, ActivationDigestRow.digest == digest)
            .where(ActivationDigestRow.spent_at.is_(None), consent)
            .values(spent_at=at)
            .returning(ActivationDigestRow.digest)
            .execution_options(synchronize_session=False)
        )
        with self._database.transaction() as session:
            spent = session.scalar(spend) is not None
            append(
                session,
                Act.ACTIVATION_REDEEM,
                f"activation:{handle}",
                at=at,
                outcome=Outcome.DONE if spent else Outcome.REFUSED,
                details={"credential": credential_id, "client": client_id, "digest": digest},
            )
        if not spent:
            raise ActivationRefused(
                "The consent does not cover this document, or has expired or been used. Ask for a new one.",
                field="activation",
                reason="not-covered",
            )


def _hashed(handle: str) -> str:
    return hashlib.sha256(handle.encode("utf-8", "surrogatepass")).hexdigest()
