"""What a client reads of one signing: the record, with its links. No passphrase, no bytes, no other client's data."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from signer.model import SignatureRecord, SigningState


class RecordLinks(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where to go from here; absolute addresses."""

    here: str = msgspec.field(name="self")
    document: Annotated[str | None, Meta(description="The signed PDF; null while there is none.")]
    page: Annotated[str, Meta(description="The public page; the QR in the document leads to it.")]


class RecordBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One signing as the register remembers it."""

    code: Annotated[str, Meta(description="Long verification code.", examples=["0123456789ABCDEFGHJKMNPQRS"])]
    short_code: Annotated[str, Meta(description="The code that people type.", examples=["23456 789AB"])]
    state: SigningState
    failure: Annotated[str | None, Meta(description="Why it failed, a stable word; null unless it failed.")]
    level: Annotated[str, Meta(description="PAdES level.", examples=["B-LT"])]
    credential: str
    signatory: Annotated[str, Meta(description="Name in the certificate.")]
    certificate_serial: Annotated[str, Meta(description="Hexadecimal.")]
    reserved_at: datetime
    ended_at: Annotated[datetime | None, Meta(description="When it was signed or failed.")]
    input_sha256: Annotated[str, Meta(description="Digest of the document as it came in.")]
    document_sha256: Annotated[str | None, Meta(description="Digest of the signed document.")]
    document_size: Annotated[int | None, Meta(description="Bytes.")]
    page_count: int | None
    external_id: Annotated[str | None, Meta(description="Your own identifier, as you sent it.")]
    links: RecordLinks

    @classmethod
    def of(cls, record: SignatureRecord, *, public_url: str) -> "RecordBody":
        """The record in the words of this contract."""
        intent, outcome = record.intent, record.outcome
        here = f"{public_url}{location_of(record)}"
        signed = outcome is not None and outcome.state is SigningState.SIGNED
        return cls(
            code=intent.code.token,
            short_code=f"{intent.code.short[:5]} {intent.code.short[5:]}",
            state=outcome.state if outcome else SigningState.RESERVED,
            failure=outcome.failure if outcome else None,
            level=intent.level.value,
            credential=intent.credential_id,
            signatory=intent.signatory_name,
            certificate_serial=f"{intent.certificate_serial:x}",
            reserved_at=intent.reserved_at,
            ended_at=outcome.at if outcome else None,
            input_sha256=intent.input_sha256,
            document_sha256=outcome.document_sha256 if outcome else None,
            document_size=outcome.document_size if outcome else None,
            page_count=outcome.page_count if outcome else None,
            external_id=intent.letter.external_id,
            links=RecordLinks(
                here=here,
                document=f"{here}/document" if signed else None,
                page=f"{public_url}/v/{intent.code.token}",
            ),
        )


def location_of(record: SignatureRecord) -> str:
    """The path of a record; the header `Location` of its making."""
    return f"/v1/signatures/{record.intent.code.token}"
