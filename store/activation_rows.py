"""Rows of requests for consent as the nouns of signing, and a wish as the JSON of its row."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import Row

from signer.activation import ActivationRequest, ActivationState, DocumentWish, RequestedDocument
from signer.authorisation import Purpose
from signer.model import (
    Certify,
    FieldLock,
    FlowStep,
    LetterMetadata,
    LockAction,
    Secrecy,
    SignatureLevel,
    SignedAs,
    SigningAct,
    StampPlacement,
    Urgency,
)


def request_of(row: Row[Any], lines: Iterable[Row[Any]]) -> ActivationRequest:
    """From a whole row and the rows of its documents, in order."""
    return ActivationRequest(
        id=row.id,
        client_id=row.client_id,
        credential_id=row.credential_id,
        signatory_id=row.signatory_id,
        documents=tuple(
            RequestedDocument(
                position=line.position,
                digest=line.digest,
                name=line.name,
                wish=wish_of(line.wish),
                pages=line.pages,
                code=line.code,
                failure=line.failure,
                left_out=line.left_out,
                placed=None if line.placed is None else StampPlacement(**line.placed),
                purpose=None if line.purpose is None else Purpose(line.purpose),
            )
            for line in lines
        ),
        state=ActivationState(row.state),
        nonce=row.nonce,
        tries=row.tries,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        session=row.session_sha256,
        factor=row.factor,
        batch_id=row.batch_id,
        flow=_flow(row),
        changes=row.changes,
        reason=row.reason,
        origin=row.origin,
        description=row.description,
    )


def _flow(row: Row[Any]) -> FlowStep | None:
    if row.flow_id is None:
        return None
    return FlowStep(flow_id=row.flow_id, number=row.flow_step, revision=row.flow_revision)


def written(wish: DocumentWish) -> dict[str, Any]:
    """For the column."""
    plain: dict[str, Any] = _plain(asdict(wish))
    return plain


def _plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value


def wish_of(written: dict[str, Any]) -> DocumentWish:
    """From the column; what older rows do not have is as it was then."""
    letter, stamp = written["letter"], written["stamp"]
    until = letter["valid_until"]
    kept = {
        "secrecy": Secrecy(letter["secrecy"]),
        "urgency": Urgency(letter["urgency"]),
        "copies_to": tuple(letter["copies_to"]),
        "valid_until": None if until is None else date.fromisoformat(until),
    }
    return DocumentWish(
        level=SignatureLevel(written["level"]),
        stamp=None if stamp is None else StampPlacement(**stamp),
        footer=written.get("footer"),
        reason=written["reason"],
        location=written["location"],
        signed_as=SignedAs(**written["signed_as"]),
        letter=LetterMetadata(**letter | kept),
        act=SigningAct(written.get("act", SigningAct.SIGNATURE)),
        certify=None if written.get("certify") is None else Certify(written["certify"]),
        lock=lock_of(written.get("lock")),
    )


def lock_of(written: dict[str, Any] | None) -> FieldLock | None:
    """From JSON."""
    if written is None:
        return None
    closes = written.get("closes", False)  # none did in earlier releases
    return FieldLock(action=LockAction(written["action"]), fields=tuple(written["fields"]), closes=closes)
