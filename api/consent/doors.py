"""What the pages for signatories stand before, fitted out of the objects of consent."""

from collections.abc import Callable
from datetime import datetime

from api.consent.assembly import Assembled
from api.consent.audited import (
    AuditedApproving,
    AuditedCodeSessions,
    AuditedHandingOver,
    AuditedInbox,
    AuditedPlacing,
    AuditedRounds,
)
from api.faces.desk.ports import DeskDoors, DeskSettings, StepLine, StepTurn
from api.oauth.allowing import Applications
from api.oauth.authorizing import Authorizing
from signer.activation import ActivationKind, ActivationRequest, challenge_of
from signer.consented_batch import BatchProgress
from signer.errors import CredentialUnknown, CredentialUnusable
from signer.factors import passkey as passkeys
from signer.factors.passkey import RelyingParty
from signer.history import History
from signer.model import Credential
from signer.opening import usable_credential
from signer.ports import CredentialStore


def desk_doors(
    parts: Assembled,
    *,
    authorizing: Authorizing,
    applications: Applications,
    credentials: CredentialStore,
    own_credentials: Callable[[str], tuple[Credential, ...]],
    party: Callable[[], RelyingParty],
    client_name: Callable[[str], str],
    picture: Callable[[bytes, int], bytes],
    sheets: Callable[[bytes], tuple[tuple[float, float], ...]],
    settings: DeskSettings,
    now: Callable[[], datetime],
) -> DeskDoors:
    """Everything behind these pages."""

    def challenge_options(signatory_id: str, challenge: bytes) -> str | None:
        held = parts.store.held(signatory_id).passkeys
        return passkeys.request_options(party(), challenge=challenge, allowed=held) if held else None

    def options(request: ActivationRequest) -> str | None:
        return challenge_options(request.signatory_id, challenge_of(request))

    def may_sign(request: ActivationRequest) -> bool:
        try:
            usable_credential(credentials, request.credential_id, at=now())
        except (CredentialUnknown, CredentialUnusable):
            return False
        return True

    def progress(request: ActivationRequest) -> BatchProgress | None:
        return parts.batch.progress(request) if request.kind is ActivationKind.BATCH else None

    def steps(request: ActivationRequest) -> tuple[StepLine, ...]:
        return _steps(parts, credentials, request) if request.kind is ActivationKind.STEP else ()

    return DeskDoors(
        approvals=AuditedApproving(parts.approving),
        placing=AuditedPlacing(parts.placing),
        authorizing=authorizing,
        applications=applications,
        code_sessions=AuditedCodeSessions(parts.code_sessions),
        inbox=AuditedInbox(parts.inbox),
        handing_over=AuditedHandingOver(parts.handing_over),
        looking=parts.looking,
        history=History(parts.kept_history, utc_offset_hours=settings.utc_offset_hours),
        credentials=own_credentials,
        appointments=parts.appointments.of,
        now=now,
        rounds=AuditedRounds(parts.rounds),
        round_progress=parts.round_progress.of,
        logins=parts.sign_in,
        factors=parts.desk,
        official=parts.officials.get,
        person_at=parts.person_at,
        client_name=client_name,
        request_options=options,
        challenge_options=challenge_options,
        may_sign=may_sign,
        progress=progress,
        steps=steps,
        confirmed=lambda session: session.confirmed(now()),
        picture=picture,
        sheets=sheets,
        settings=settings,
    )


def _steps(parts: Assembled, credentials: CredentialStore, request: ActivationRequest) -> tuple[StepLine, ...]:
    """Everybody on the document, in their order: who was before, who comes after."""
    standing = parts.step.standing(request)
    asked = request.flow.number if request.flow else 0
    lines = []
    for step in sorted(standing.flow.steps, key=lambda each: (each.order, each.number)):
        record, credential = standing.done.get(step.number), credentials.get(step.credential_id)
        whose = credential.signatory if credential is not None else None
        turn = StepTurn.DONE if record is not None else StepTurn.YOURS if step.number == asked else StepTurn.LATER
        lines.append(
            StepLine(
                number=step.number,
                act=step.act,
                name=whose.name if whose is not None else "",
                unit=(whose.unit or whose.organisation) if whose is not None else "",
                turn=turn,
                done_at=record.outcome.at if record is not None and record.outcome is not None else None,
            )
        )
    return tuple(lines)
