"""What a client says about a batch, and what it reads of one."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from api.faces.rest.sign_body import LetterBody, SignedAsBody, StampBody, Words, passphrase_of
from signer.batch_model import Batch, BatchItem, BatchState, ItemState
from signer.model import LetterMetadata, Secret, SignatureLevel, SignedAs, SigningTerms, StampPlacement

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256, hex.")]
MOST_DIGESTS: Final = 1000
CONSENT_BYTES: Final = 128 * 1024
_POSITION: Final = re.compile("[0-9]{1,9}")


class BatchBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Who signs all documents of a batch, and how."""

    credential: Annotated[
        str, Meta(min_length=1, max_length=64, description="The signatory's credential.", examples=["cred-contoh"])
    ]
    level: Annotated[SignatureLevel | None, Meta(description="PAdES level; the service's default where absent.")] = None
    stamp: Annotated[StampBody | None, Meta(description="Absent or null: invisible signatures.")] = None
    footer: Annotated[
        Words | None,
        Meta(
            description="A mark on every page of each document: a template's name, or * for the agency's.",
            examples=["footer"],
        ),
    ] = None
    reason: Annotated[Words | None, Meta(description="Why they are signed; ends in each PDF.")] = None
    location: Annotated[Words | None, Meta(description="Where they are signed; ends in each PDF.")] = None
    signed_as: SignedAsBody = msgspec.field(default_factory=SignedAsBody)

    def to_terms(self, *, client_id: str, level_for: Callable[[str | None], SignatureLevel]) -> SigningTerms:
        """The same in the words of signing."""
        return SigningTerms(
            credential_id=self.credential,
            client_id=client_id,
            level=self.level or level_for(None),
            stamp=None if self.stamp is None else StampPlacement(**msgspec.structs.asdict(self.stamp)),
            footer=self.footer,
            reason=self.reason,
            location=self.location,
            signed_as=SignedAs(**msgspec.structs.asdict(self.signed_as)),
        )


class BatchDocumentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What is said beside one document of a batch."""

    letter: LetterBody = msgspec.field(default_factory=LetterBody)

    def to_letter(self) -> LetterMetadata:
        """The same in the words of signing."""
        return LetterMetadata(**msgspec.structs.asdict(self.letter))


class ConsentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The signatory's consent to the documents of a batch."""

    passphrase: Annotated[Secret, Meta(description="The signatory's passphrase; used once and kept nowhere.")]
    digests: Annotated[
        Annotated[list[Digest], Meta(min_length=1, max_length=MOST_DIGESTS)] | None,
        Meta(description="SHA-256 of the documents that are meant, as they came in; absent: all that are prepared."),
    ] = None


class BatchCounts(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Documents by state."""

    received: int
    prepared: Annotated[int, Meta(description="Wait for the signatory's consent.")]
    reserved: int
    signed: Annotated[int, Meta(description="Signed, and on their way to a finished document.")]
    finished: int
    failed: int
    cancelled: int


class BatchStatusBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A batch and how far it is."""

    id: str
    state: Annotated[BatchState, Meta(description="`completed`: each document is finished, failed or cancelled.")]
    credential: str
    level: str
    documents: int
    counts: BatchCounts
    created_at: datetime
    completed_at: Annotated[datetime | None, Meta(description="When the last document had its outcome.")]

    @classmethod
    def of(cls, batch: Batch, counts: Mapping[ItemState, int]) -> "BatchStatusBody":
        """The batch in the words of this contract."""
        return cls(
            id=batch.id,
            state=batch.state,
            credential=batch.terms.credential_id,
            level=batch.terms.level.value,
            documents=batch.documents,
            counts=BatchCounts(**{state.value: counts.get(state, 0) for state in ItemState}),
            created_at=batch.created_at,
            completed_at=batch.completed_at,
        )


class BatchItemBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One document of a batch."""

    position: Annotated[int, Meta(description="From 0, in the order of arrival.")]
    state: ItemState
    sha256: Annotated[str, Meta(description="Of the document as it came in.")]
    external_id: Annotated[str | None, Meta(description="Your own identifier, as you sent it.")]
    failure: Annotated[str | None, Meta(description="Why it failed, or is not finished yet; a stable word.")]
    code: Annotated[str | None, Meta(description="Long verification code, once it is prepared.")]
    signature: Annotated[str | None, Meta(description="Where its record is; null until it is finished.")]

    @classmethod
    def of(cls, item: BatchItem, *, public_url: str) -> "BatchItemBody":
        """The document in the words of this contract."""
        finished = item.state is ItemState.FINISHED and item.code is not None
        return cls(
            position=item.position,
            state=item.state,
            sha256=item.sha256,
            external_id=item.letter.external_id,
            failure=item.failure,
            code=item.code.token if item.code else None,
            signature=f"{public_url}/v1/signatures/{item.code.token}" if finished and item.code else None,
        )


class BatchItemPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Some documents of a batch."""

    items: list[BatchItemBody]
    next: Annotated[str | None, Meta(description="The cursor of what follows; null at the end.")]


OPEN_DECODER: Final = msgspec.json.Decoder(BatchBody)
DOCUMENT_DECODER: Final = msgspec.json.Decoder(BatchDocumentBody)
CONSENT_DECODER: Final = msgspec.json.Decoder(ConsentBody, dec_hook=passphrase_of)


def position_of(cursor: str) -> int | None:
    """The position in a cursor or a path; `None` for what is none."""
    return int(cursor) if _POSITION.fullmatch(cursor) else None
