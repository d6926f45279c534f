"""Several officials on one document: initials before signatures, in order or side by side, each step signed once.

A flow is what was asked for; how far it has come is read from the log of signatures, so the two cannot disagree, and a
crash between them leaves nothing to mend. Each step is signed through the one `SigningService`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from signer.errors import FlowRefused, KeyUnavailable
from signer.model import (
    Certify,
    FieldLock,
    FlowStep,
    LetterMetadata,
    LockAction,
    OpenKey,
    Secret,
    SignatureLevel,
    SignatureRecord,
    SignedAs,
    SignedDocument,
    SigningAct,
    SigningTask,
    SignRequest,
    StampPlacement,
)
from signer.ports import DocumentVault

MOST_STEPS: Final = 16  # an official letter bears a handful
_ID_BYTES: Final = 16


class FlowState(StrEnum):
    """How far a flow has come."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one official is asked to do."""

    number: int
    """From 1, as the client listed it."""
    order: int
    """Steps of the same order may be signed in any order; all of a lower one come first."""
    act: SigningAct
    credential_id: str
    stamp: StampPlacement | None = None
    reason: str | None = None
    signed_as: SignedAs = field(default_factory=SignedAs)
    lock: FieldLock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """An official gave the document back unsigned, which stopped it for everybody."""

    step: int
    reason: str
    """In their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One document and everybody who is to sign it."""

    id: str
    client_id: str
    letter: LetterMetadata
    level: SignatureLevel
    certify: Certify | None
    """Of the very first step."""
    steps: tuple[Step, ...]
    original_sha256: str
    created_at: datetime
    cancelled_at: datetime | None = None
    returned: Returned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStanding:
    """A flow, and what the log of signatures says of it."""

    flow: Flow
    done: Mapping[int, SignatureRecord]
    """By the step's number, in the order of signing."""
    busy: int | None
    """The step that is being signed at this moment."""

    @property
    def state(self) -> FlowState:
        """A flow whose steps are all signed cannot be cancelled any more."""
        if len(self.done) == len(self.flow.steps):
            return FlowState.COMPLETED
        return FlowState.OPEN if self.flow.cancelled_at is None else FlowState.CANCELLED

    @property
    def current_sha256(self) -> str:
        """Of the document as it stands now."""
        newest = list(self.done.values())[-1:]
        outcome = newest[0].outcome if newest else None
        return (outcome.document_sha256 if outcome else None) or self.flow.original_sha256

    def next_steps(self) -> tuple[Step, ...]:
        """Those that may be signed now."""
        if self.state is not FlowState.OPEN:
            return ()
        left = [each for each in self.flow.steps if each.number not in self.done]
        first = min(each.order for each in left)
        return tuple(each for each in left if each.order == first)


class FlowStore(Protocol):
    """What is remembered of flows."""

    def add(self, flow: Flow, /) -> None: ...

    def get(self, flow_id: str, /) -> FlowStanding | None: ...

    def of_client(
        self, client_id: str, /, *, after: str, limit: int, external_id: str | None = None
    ) -> tuple[FlowStanding, ...]:
        """Those with an id above `after`, by id; all, or those that the client calls so."""
        ...

    def cancel(self, flow_id: str, /, *, actor: str, returned: Returned | None, at: datetime) -> None:
        """Raises `FlowRefused` where it was cancelled already."""
        ...


class Signing(Protocol):
    """`signer.service.SigningService`, as far as a flow needs it."""

    def sign(self, request: SignRequest, /) -> SignedDocument: ...

    def sign_opened(self, task: SigningTask, key: OpenKey, redeem: Callable[[str], None], /) -> SignedDocument: ...


class Flows:
    """Documents that several people sign. Safe in several threads and processes."""

    def __init__(
        self,
        *,
        store: FlowStore,
        vault: DocumentVault,
        signing: Signing,
        check: Callable[[SigningTask], object],
        most_initials: int,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """`check` raises `Refused` for a task that could not be signed, and tries no passphrase."""
        self._store = store
        self._vault = vault
        self._signing = signing
        self._check = check
        self._most_initials = most_initials
        self._now = now
        self._random_bytes = random_bytes

    def create(
        self,
        document: bytes,
        steps: Sequence[Step],
        *,
        client_id: str,
        letter: LetterMetadata,
        level: SignatureLevel,
        certify: Certify | None,
        id: str | None = None,
    ) -> FlowStanding:
        """A new flow, its id random or given. What can be refused is refused now and not at the third official.

        1. The steps make sense.                              else FlowRefused
        2. Each of them could be signed as things stand.      else Refused
        3. The document is kept, then the flow.
        """
        _require_sensible(steps, certify, self._most_initials)
        first = min(steps, key=lambda each: each.order)
        for step in steps:
            own = certify if step is first else None
            self._check(_task(step, document, client_id=client_id, letter=letter, level=level, certify=own))
        flow = Flow(
            id=id or self._random_bytes(_ID_BYTES).hex(),
            client_id=client_id,
            letter=letter,
            level=level,
            certify=certify,
            steps=tuple(steps),
            original_sha256=self._vault.put(document),
            created_at=self._now(),
        )
        self._store.add(flow)
        return FlowStanding(flow=flow, done={}, busy=None)

    def get(self, flow_id: str, *, client_id: str) -> FlowStanding | None:
        """One flow of that client."""
        found = self._store.get(flow_id)
        return found if found is not None and found.flow.client_id == client_id else None

    def find(self, flow_id: str) -> FlowStanding | None:
        """One flow, whosever it is."""
        return self._store.get(flow_id)

    def list(
        self, client_id: str, *, after: str, limit: int, external_id: str | None = None
    ) -> tuple[FlowStanding, ...]:
        """Those of one client, by id; all, or those that it calls so."""
        return self._store.of_client(client_id, after=after, limit=limit, external_id=external_id)

    def document(self, standing: FlowStanding) -> bytes:
        """The document as it stands now."""
        found = self._vault.get(standing.current_sha256)
        if found is None:
            raise KeyUnavailable(f"the vault lacks a document of the flow {standing.flow.id}")
        return found

    def sign(
        self,
        standing: FlowStanding,
        number: int,
        *,
        credential_id: str,
        passphrase: Secret,
        nip: str | None = None,
        request_key: str | None = None,
    ) -> SignedDocument:
        """Sign one step. Of several who sign at the same moment exactly one does; the others get `FlowRefused`.

        `nip` is printed where the step's stamp has room for it, and kept nowhere else.

        Raises `FlowRefused` before a passphrase is tried where the step may not be signed, and as `Signing.sign`.
        """
        task = self._task_of(standing, _require_its_turn(standing, number, credential_id), nip)
        asked = {name: getattr(task, name) for name in SigningTask.__dataclass_fields__}
        return self._signing.sign(SignRequest(**asked | {"request_key": request_key}, passphrase=passphrase))

    def task(self, standing: FlowStanding, number: int) -> SigningTask:
        """What signing this step now would be; raises `FlowRefused` where it may not be signed."""
        return self._task_of(standing, _require_its_turn(standing, number, None))

    def sign_opened(
        self,
        standing: FlowStanding,
        number: int,
        key: OpenKey,
        redeem: Callable[[str], None],
        *,
        placed: StampPlacement | None = None,
    ) -> SignedDocument:
        """As `sign`, with a key that is open; `redeem` as `Signing.sign_opened` has it. `placed`: the stamp where its
        official put it."""
        step = _require_its_turn(standing, number, key.credential.id)
        if placed is not None:
            step = replace(step, stamp=placed)
        return self._signing.sign_opened(self._task_of(standing, step), key, redeem)

    def _task_of(self, standing: FlowStanding, step: Step, nip: str | None = None) -> SigningTask:
        if nip is not None and step.stamp is not None:
            step = replace(step, stamp=replace(step.stamp, nip=nip))
        flow = standing.flow
        letter = flow.letter if len(standing.done) + 1 == len(flow.steps) else replace(flow.letter, replaces=None)
        task = _task(
            step,
            self.document(standing),
            client_id=flow.client_id,
            letter=letter,
            level=flow.level,
            certify=None if standing.done else flow.certify,
        )
        return replace(task, flow=FlowStep(flow_id=flow.id, number=step.number, revision=len(standing.done)))

    def cancel(self, standing: FlowStanding, *, actor: str) -> FlowStanding:
        """Nobody signs it any more; what is signed stays signed. Raises `FlowRefused`."""
        return self._end(standing, actor=actor, returned=None)

    def stop(self, standing: FlowStanding, *, step: int, reason: str, actor: str) -> FlowStanding:
        """The same by the official of a step whose turn it is, with the reason. Raises `FlowRefused`."""
        _require_its_turn(standing, step, None)
        return self._end(standing, actor=actor, returned=Returned(step=step, reason=reason))

    def _end(self, standing: FlowStanding, *, actor: str, returned: Returned | None) -> FlowStanding:
        if standing.state is not FlowState.OPEN:
            raise _refused(f"The document is {standing.state}; nothing is left to cancel.", str(standing.state))
        if standing.busy is not None:
            raise _busy()
        at = self._now()
        self._store.cancel(standing.flow.id, actor=actor, returned=returned, at=at)
        return replace(standing, flow=replace(standing.flow, cancelled_at=at, returned=returned))


def _task(
    step: Step,
    document: bytes,
    *,
    client_id: str,
    letter: LetterMetadata,
    level: SignatureLevel,
    certify: Certify | None,
) -> SigningTask:
    return SigningTask(
        document=document,
        credential_id=step.credential_id,
        client_id=client_id,
        level=level,
        stamp=step.stamp,
        reason=step.reason,
        signed_as=step.signed_as,
        letter=letter,
        act=step.act,
        certify=certify,
        lock=step.lock,
    )


def _require_sensible(steps: Sequence[Step], certify: Certify | None, most_initials: int) -> None:
    initials = [each for each in steps if each.act is SigningAct.INITIALS]
    signatures = [each for each in steps if each.act is SigningAct.SIGNATURE]
    last = [each for each in steps if each.order == max(other.order for other in steps)]
    rules = (
        (0 < len(steps) <= MOST_STEPS, "step-count", f"Name 1 to {MOST_STEPS} steps."),
        (bool(signatures), "no-signature", "Name at least one signature: initials alone sign nothing."),
        (
            len(initials) <= most_initials,
            "too-many-initials",
            f"Paling banyak {most_initials} pejabat memaraf. / At most {most_initials} officials initial a letter.",
        ),
        (
            not initials or max(each.order for each in initials) < min((each.order for each in signatures), default=0),
            "initials-first",
            "Paraf mendahului tanda tangan. / Initials come before signatures; give them a lower order.",
        ),
        (
            len({each.credential_id for each in steps}) == len(steps),
            "twice",
            "The same official stands in two steps; a signer's own draft needs no initials.",
        ),
        (
            all(each.stamp is None or each.stamp.nip is None for each in steps),
            "nip",
            "A NIP is kept nowhere; send it when the step is signed.",
        ),
        (
            certify is not Certify.NO_CHANGES or len(steps) == 1,
            "certify",
            "A certification that forbids all changes leaves no room for further steps; use 2.",
        ),
        (
            all(each.lock is None or each.lock.action is LockAction.INCLUDE or each in last for each in steps)
            and (len(last) == 1 or all(each.lock is None for each in last)),
            "lock",
            "Only the last step, alone in its order, locks all fields or all but some: signatures come after others.",
        ),
        (
            certify is None or sum(each.order == min(other.order for other in steps) for each in steps) == 1,
            "certify-first",
            "Where the first signature certifies, one step alone has to be the first.",
        ),
    )
    for holds, reason, message in rules:
        if not holds:
            raise FlowRefused(message, field="steps", reason=reason)


def _require_its_turn(standing: FlowStanding, number: int, credential_id: str | None) -> Step:
    """The step, where it may be signed now, by whoever has this credential (`None`: by its own)."""
    step = next((each for each in standing.flow.steps if each.number == number), None)
    if step is None:
        raise _refused("The document has no such step.", "unknown-step")
    if standing.state is FlowState.CANCELLED:
        raise _refused("Penandatanganan dokumen ini dibatalkan. / The document was cancelled.", "cancelled")
    if number in standing.done:
        raise _refused("Langkah ini sudah selesai. / This step is signed already.", "already-signed")
    if credential_id is not None and step.credential_id != credential_id:
        raise FlowRefused(
            "Langkah ini milik pejabat lain. / This step is another official's.",
            field="credential",
            reason="wrong-signer",
        )
    waiting = standing.next_steps()
    if step not in waiting:
        numbers = ", ".join(str(each.number) for each in waiting)
        raise _refused(
            f"Belum gilirannya: menunggu langkah {numbers}. / Not yet: step {numbers} comes first.", "not-yet"
        )
    if standing.busy is not None:
        raise _busy()
    return step


def _busy() -> FlowRefused:
    return _refused("A step of this document is being signed at this moment. Try again in a few seconds.", "busy")


def _refused(message: str, reason: str) -> FlowRefused:
    return FlowRefused(message, field="step", reason=reason)
