"""Rows of batches as the nouns of signing, and a letter as the JSON of its row."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from signer.batch_model import Batch, BatchItem, BatchState, ItemState, SealedUnder
from signer.model import (
    LetterMetadata,
    Secrecy,
    SignatureLevel,
    SignedAs,
    SigningTerms,
    StampPlacement,
    Urgency,
    VerificationCode,
)
from store.signatures import plain


def letter_json(letter: LetterMetadata) -> dict[str, Any]:
    """For the column."""
    until = letter.valid_until
    return asdict(letter) | plain(letter) | {"valid_until": None if until is None else until.isoformat()}


def letter_of(json: Mapping[str, Any]) -> LetterMetadata:
    """From the column."""
    nouns = {"secrecy": Secrecy(json["secrecy"]), "urgency": Urgency(json["urgency"])}
    until = json["valid_until"]
    more = {"copies_to": tuple(json["copies_to"]), "valid_until": None if until is None else date.fromisoformat(until)}
    return LetterMetadata(**{**json, **nouns, **more})


def batch_of(row: Any) -> Batch:
    """From a whole row."""
    return Batch(
        id=row.id,
        terms=SigningTerms(
            credential_id=row.credential_id,
            client_id=row.client_id,
            level=SignatureLevel(row.level),
            stamp=StampPlacement(**row.stamp) if row.stamp else None,
            footer=row.footer,
            reason=row.reason,
            location=row.location,
            signed_as=SignedAs(**row.signed_as),
        ),
        seal=None if row.permission_id is None else SealedUnder(permission_id=row.permission_id, address=row.address),
        state=state_of(row),
        documents=row.documents,
        created_at=row.created_at,
        completed_at=row.completed_at,
    )


def state_of(row: Any) -> BatchState:
    """From a row with `state` and `completed_at`."""
    return BatchState(row.state) if row.completed_at is None else BatchState.COMPLETED


def item_of(row: Any) -> BatchItem:
    """From a whole row."""
    return BatchItem(
        batch_id=row.batch_id,
        position=row.position,
        state=ItemState(row.state),
        sha256=row.sha256,
        letter=letter_of(row.letter),
        code=None if row.token is None else VerificationCode(token=row.token, short=row.short),
        page_count=row.page_count,
        failure=row.failure,
        document_sha256=row.document_sha256,
    )
