"""Several officials on one document: initials before signatures, in order or side by side, each step signed once.

A flow is what was asked for; how far it has come is read from the log of signatures, so the two cannot disagree, and a
crash between them leaves nothing to mend. Each step is signed through the one `SigningService`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from signer.errors import KeyUnavailable
from signer.flow_model import Flow, FlowStanding, Returned, Step
from signer.flow_rules import require_its_turn, require_open, require_sensible
from signer.model import (
    Certify,
    FlowStep,
    LetterMetadata,
    OpenKey,
    Secret,
    SignatureLevel,
    SignedDocument,
    SigningTask,
    SignRequest,
    StampPlacement,
)
from signer.ports import DocumentVault

_ID_BYTES: Final = 16


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
        footer: str | None = None,
        id: str | None = None,
    ) -> FlowStanding:
        """A new flow, its id random or given. What can be refused is refused now and not at the third official.

        1. The steps make sense.                              else FlowRefused
        2. Each of them could be signed as things stand.      else Refused
        3. The document is kept, then the flow.
        """
        require_sensible(steps, certify, self._most_initials)
        first = min(steps, key=lambda each: each.order)
        for step in steps:
            task = _task(step, document, client_id=client_id, letter=letter, level=level)
            own = replace(task, certify=certify) if step is first else task
            self._check(replace(own, footer=footer) if step.order == first.order else own)
        flow = Flow(
            id=id or self._random_bytes(_ID_BYTES).hex(),
            client_id=client_id,
            letter=letter,
            level=level,
            certify=certify,
            footer=footer,
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
        task = self._task_of(standing, require_its_turn(standing, number, credential_id), nip)
        asked = {name: getattr(task, name) for name in SigningTask.__dataclass_fields__}
        return self._signing.sign(SignRequest(**asked | {"request_key": request_key}, passphrase=passphrase))

    def task(self, standing: FlowStanding, number: int) -> SigningTask:
        """What signing this step now would be; raises `FlowRefused` where it may not be signed."""
        return self._task_of(standing, require_its_turn(standing, number, None))

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
        step = require_its_turn(standing, number, key.credential.id)
        if placed is not None:
            step = replace(step, stamp=placed)
        return self._signing.sign_opened(self._task_of(standing, step), key, redeem)

    def cancel(self, standing: FlowStanding, *, actor: str) -> FlowStanding:
        """Nobody signs it any more; what is signed stays signed. Raises `FlowRefused`."""
        return self._end(standing, actor=actor, returned=None)

    def stop(self, standing: FlowStanding, *, step: int, reason: str, actor: str) -> FlowStanding:
        """The same by the official of a step whose turn it is, with the reason. Raises `FlowRefused`."""
        require_its_turn(standing, step, None)
        return self._end(standing, actor=actor, returned=Returned(step=step, reason=reason))

    def _end(self, standing: FlowStanding, *, actor: str, returned: Returned | None) -> FlowStanding:
        require_open(standing)
        at = self._now()
        self._store.cancel(standing.flow.id, actor=actor, returned=returned, at=at)
        return replace(standing, flow=replace(standing.flow, cancelled_at=at, returned=returned))

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
        )
        if not standing.done:
            task = replace(task, certify=flow.certify, footer=flow.footer)
        return replace(task, flow=FlowStep(flow_id=flow.id, number=step.number, revision=len(standing.done)))


def _task(
    step: Step,
    document: bytes,
    *,
    client_id: str,
    letter: LetterMetadata,
    level: SignatureLevel,
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
        lock=step.lock,
    )
