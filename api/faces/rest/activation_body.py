"""What a client says when it asks for consent, and what it reads of its request."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from api.faces.rest.json_body import PRINTABLE, read_json
from api.faces.rest.sign_body import (
    Footer,
    LetterBody,
    LockBody,
    SignedAsBody,
    StampBody,
    Words,
    letter_of,
    lock_of,
    signed_as_of,
    stamp_of,
)
from signer.activation import ActivationKind, ActivationRequest, ActivationState, DocumentWish, RequestedDocument
from signer.activation_requests import LONGEST_NAME, MOST_DOCUMENTS, WantedDocument
from signer.model import Certify, SignatureLevel

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the PDF, lower-case hex.")]


class WantedBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One document that shall be signed."""

    sha256: Annotated[Digest, Meta(examples=["ab" * 32])]
    name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST_NAME,
            pattern=PRINTABLE,
            description="What the signatory reads; shown as your claim.",
            examples=["Surat undangan contoh"],
        ),
    ]
    level: Annotated[SignatureLevel | None, Meta(description="PAdES level; as for a signing where absent.")] = None
    stamp: Annotated[StampBody | None, Meta(description="Absent or null: an invisible signature.")] = None
    footer: Footer = None
    reason: Annotated[Words | None, Meta(description="Why it is signed; ends in the PDF.")] = None
    location: Annotated[Words | None, Meta(description="Where it is signed; ends in the PDF.")] = None
    certify: Annotated[
        Certify | None,
        Meta(description="DocMDP of a first signature: 1 no changes, 2 forms and signatures, 3 annotations too."),
    ] = None
    lock: Annotated[LockBody | None, Meta(examples=[None])] = None
    signed_as: SignedAsBody = msgspec.field(default_factory=SignedAsBody)
    letter: LetterBody = msgspec.field(default_factory=LetterBody)

    def wanted(self, level_for: Callable[[str | None], SignatureLevel]) -> WantedDocument:
        """The same in the words of signing."""
        wish = DocumentWish(
            level=self.level or level_for(self.letter.kind),
            stamp=stamp_of(self.stamp),
            footer=self.footer,
            reason=self.reason,
            location=self.location,
            signed_as=signed_as_of(self.signed_as),
            letter=letter_of(self.letter),
            certify=self.certify,
            lock=lock_of(self.lock),
        )
        return WantedDocument(digest=self.sha256, name=self.name, wish=wish)


class AskBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Whom a client asks, and for what."""

    credential: Annotated[
        str, Meta(min_length=1, max_length=64, description="The signatory's credential.", examples=["cred-contoh"])
    ]
    documents: Annotated[
        tuple[WantedBody, ...],
        Meta(min_length=1, max_length=MOST_DOCUMENTS, description="Each once; nothing else is ever signed with it."),
    ]

    def wanted(self, level_for: Callable[[str | None], SignatureLevel]) -> tuple[WantedDocument, ...]:
        """The list in the words of signing."""
        return tuple(each.wanted(level_for) for each in self.documents)


class ActivationDocumentBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One document of a request."""

    position: Annotated[int, Meta(description="From 1; send it to `documents/{position}`.")]
    sha256: str
    name: str
    pages: Annotated[int | None, Meta(description="Counted by the service; null until the document is here.")]
    signature: Annotated[str | None, Meta(description="Address of the signing; null until it is signed.")]
    failure: Annotated[str | None, Meta(description="Why it was not signed although consent was given.")]
    left_out: Annotated[bool, Meta(description="By the signatory: the consent does not cover it.")]

    @classmethod
    def of(cls, document: RequestedDocument) -> "ActivationDocumentBody":
        return cls(
            position=document.position,
            sha256=document.digest,
            name=document.name,
            pages=document.pages,
            signature=None if document.code is None else f"/v1/signatures/{document.code}",
            failure=document.failure,
            left_out=document.left_out,
        )


class ActivationBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a request for consent stands."""

    id: str
    kind: Annotated[ActivationKind, Meta(description="What it is about.", examples=["documents"])]
    about: Annotated[
        str | None, Meta(description="Address of the batch, or of the document whose step it is; else null.")
    ]
    state: Annotated[
        str,
        Meta(description="`pending`, `granted`, `denied`, `ended` (wrong factors) or `expired`.", examples=["pending"]),
    ]
    credential: str
    reason: Annotated[str | None, Meta(description="Why the signatory said no, in their words.")]
    count: Annotated[int, Meta(description="How many signatures are asked for, and not one more.")]
    asked_at: str
    expires_at: Annotated[str, Meta(description="Of the request; shorter once the signatory has opened it.")]
    page: Annotated[
        str | None,
        Meta(description="Where the signatory goes. Told once, in the answer to the request; give it to nobody else."),
    ]
    documents: tuple[ActivationDocumentBody, ...]

    @classmethod
    def of(cls, request: ActivationRequest, *, at: datetime, page: str | None) -> "ActivationBody":
        pending = request.state is ActivationState.PENDING
        return cls(
            id=request.id,
            kind=request.kind,
            about=_about(request),
            reason=request.reason,
            state="expired" if pending and not request.is_open(at) else request.state.value,
            credential=request.credential_id,
            count=len(request.chosen),
            asked_at=request.asked_at.isoformat(),
            expires_at=request.expires_at.isoformat(),
            page=page,
            documents=tuple(ActivationDocumentBody.of(each) for each in request.documents),
        )


def _about(request: ActivationRequest) -> str | None:
    if request.batch_id is not None:
        return f"/v1/batches/{request.batch_id}"
    return None if request.flow is None else f"/v1/documents/{request.flow.flow_id}"


_DECODER: Final = msgspec.json.Decoder(AskBody)


def read_ask_body(text: bytes) -> AskBody:
    """The JSON text as a body; refuses with 400 and the name of the field, and never repeats a value."""
    return read_json(_DECODER, text)
