"""What clients send and read about documents of several signatories."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from api.faces.rest.json_body import read_json
from api.faces.rest.sign_body import LetterBody, LockBody, SignedAsBody, StampBody, Words, lock_of
from signer.flow_model import Flow, FlowStanding, FlowState, Step
from signer.flow_rules import MOST_STEPS
from signer.model import (
    Certify,
    LetterMetadata,
    Secret,
    SignatureLevel,
    SignedAs,
    SigningAct,
    StampPlacement,
)

CredentialId = Annotated[str, Meta(min_length=1, max_length=64, examples=["cred-contoh"])]


class StepRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What one official is asked to do."""

    credential: CredentialId
    act: Annotated[SigningAct, Meta(description="initials (paraf) come before every signature.")] = SigningAct.SIGNATURE
    order: Annotated[
        Annotated[int, Meta(ge=1, le=MOST_STEPS)] | None,
        Meta(description="Steps of one order go side by side; absent: as listed, one after the other."),
    ] = None
    stamp: Annotated[StampBody | None, Meta(description="Absent or null: invisible.")] = None
    reason: Words | None = None
    signed_as: SignedAsBody = msgspec.field(default_factory=SignedAsBody)
    lock: Annotated[
        LockBody | None,
        Meta(
            description="FieldMDP of this signature; all fields, or all but some, only in the last step.",
            examples=[None],
        ),
    ] = None

    def to_step(self, number: int) -> Step:
        """The same in the words of signing."""
        return Step(
            number=number,
            order=number if self.order is None else self.order,
            act=self.act,
            credential_id=self.credential,
            stamp=None if self.stamp is None else StampPlacement(**msgspec.structs.asdict(self.stamp)),
            reason=self.reason,
            signed_as=SignedAs(**msgspec.structs.asdict(self.signed_as)),
            lock=lock_of(self.lock),
        )


class DocumentRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A letter and everybody who is to sign it."""

    steps: Annotated[tuple[StepRequest, ...], Meta(min_length=1, max_length=MOST_STEPS)]
    level: SignatureLevel | None = None
    certify: Annotated[Certify | None, Meta(description="DocMDP of the first step: 2 or 3.")] = None
    footer: Annotated[
        Words | None,
        Meta(
            description="A mark on every page, with the first signature: a template's name, or * for the agency's.",
            examples=["footer"],
        ),
    ] = None
    letter: LetterBody = msgspec.field(default_factory=LetterBody)

    def to_steps(self) -> tuple[Step, ...]:
        """In the order in which they are listed."""
        return tuple(each.to_step(number) for number, each in enumerate(self.steps, start=1))

    def to_letter(self) -> LetterMetadata:
        """What the client says of the letter."""
        return LetterMetadata(**msgspec.structs.asdict(self.letter))


class StepSignature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One step signed by its official."""

    credential: CredentialId
    passphrase: Annotated[Secret, Meta(description="Used once and kept nowhere.")]
    nip: Annotated[Words | None, Meta(description="18 digits, where the stamp prints them; kept nowhere.")] = None


class StepBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One step, and whether it is done."""

    number: int
    order: int
    act: SigningAct
    credential: str
    state: Annotated[str, Meta(description="waiting, ready, busy or done.")]
    signatory: str | None
    code: Annotated[str | None, Meta(description="Verification code of the signing.")]
    done_at: datetime | None

    @classmethod
    def of(cls, step: Step, standing: FlowStanding) -> "StepBody":
        record = standing.done.get(step.number)
        state = "ready" if step in standing.next_steps() else "waiting"
        if record is not None:
            state = "done"
        elif standing.busy == step.number:
            state = "busy"
        return cls(
            number=step.number,
            order=step.order,
            act=step.act,
            credential=step.credential_id,
            state=state,
            signatory=record.intent.signatory_name if record else None,
            code=record.intent.code.token if record else None,
            done_at=record.outcome.at if record and record.outcome else None,
        )


class FlowBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A document of several signatories, and how far it has come."""

    id: str
    state: FlowState
    level: str
    external_id: str | None
    created_at: datetime
    cancelled_at: datetime | None
    returned_by: Annotated[int | None, Meta(description="The step whose official gave it back, which cancelled it.")]
    returned_reason: Annotated[str | None, Meta(description="In the official's words.")]
    document_sha256: Annotated[str, Meta(description="Of the document as it stands now.")]
    steps: tuple[StepBody, ...]

    @classmethod
    def of(cls, standing: FlowStanding) -> "FlowBody":
        flow: Flow = standing.flow
        return cls(
            id=flow.id,
            state=standing.state,
            level=flow.level.value,
            external_id=flow.letter.external_id,
            created_at=flow.created_at,
            cancelled_at=flow.cancelled_at,
            returned_by=flow.returned.step if flow.returned else None,
            returned_reason=flow.returned.reason if flow.returned else None,
            document_sha256=standing.current_sha256,
            steps=tuple(StepBody.of(each, standing) for each in flow.steps),
        )


class FlowPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Some of them, by id."""

    items: tuple[FlowBody, ...]
    next: Annotated[str | None, Meta(description="Send it as `cursor` for what follows; null at the end.")]


_DECODER: Final = msgspec.json.Decoder(DocumentRequest)


def read_document_request(text: bytes) -> DocumentRequest:
    """The JSON text as a body; refuses with 400 and the name of the field."""
    return read_json(_DECODER, text)
