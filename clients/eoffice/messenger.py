"""Between the office and Teken: carries papers there, and what became of them back.

Two movements, each of which may stop at any moment and is taken up again. Errands go out: each under its own key, so
that Teken carries it out once however often it is sent. News comes in: events are read in order, and the last one that
was done with is remembered. A webhook only says that it is worth looking now.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Final

import structlog
import teken
from teken.types import EventBody, EventType, FlowBody, FlowState, ItemState, StepBody, WithdrawalReason

from eoffice.duties import Duties
from eoffice.errors import Refused
from eoffice.feature import TO_AGENCIES
from eoffice.files import Files
from eoffice.handover import batch_of, flow_of, is_sealed, letter_of
from eoffice.intake import Intake
from eoffice.model import Paper, PaperState
from eoffice.refusals import not_sealed, said
from eoffice.service import PaperService
from eoffice.store.errands import Errand, ErrandKind, Errands
from eoffice.store.papers import Papers

FIRST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=5)
SILENCE: Final = timedelta(hours=1)
"""After that a paper is asked after."""
MOST_ASKED: Final = 100
"""Papers at a time."""
_LOG: Final = structlog.get_logger("eoffice.messenger")
_LATER: Final = (teken.Unavailable, teken.RateLimited, teken.Unauthorised, teken.AnswerUnreadable)
"""Nothing is wrong with the paper: Teken is away or busy, or this application has to be mended by its operator."""
_SCOPE: Final = "scope-missing"
"""What is forbidden to the application, not to the paper."""


class Messenger:
    """One worker; several may run."""

    def __init__(
        self,
        *,
        service: PaperService,
        papers: Papers,
        errands: Errands,
        files: Files,
        intake: Intake,
        client: teken.Teken,
        tell: Callable[[Paper], None],
        duties: Duties,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        """`tell`: lets the feature of a paper know what became of it."""
        self._tell = tell
        self._asked = ""
        """The last paper that `reconcile` asked about."""
        self._duties = duties
        self._intake = intake
        self._new_id = new_id
        self._service = service
        self._papers = papers
        self._errands = errands
        self._files = files
        self._teken = client
        self._now = now
        self.reachable = True
        """Whether Teken answered the last time."""

    def run(self, stop: Event, wake: Event, *, every: float = 5) -> None:
        """Until `stop`; looks every so many seconds, and at once when `wake` is set."""
        while not stop.is_set():
            try:
                while self.carry_one() and not stop.is_set():
                    pass
                self.listen()
                self._duties.do_due()
            except Exception:
                _LOG.exception("the messenger stumbled, and goes on")  # a worker that ends would end silently
            wake.wait(every)
            wake.clear()

    def carry_one(self) -> bool:
        """Do the next errand that is due, if there is one; tells whether there was."""
        errand = self._errands.take(self._now())
        if errand is None:
            return False
        if errand.kind is ErrandKind.TELL:
            return self._told(errand)
        try:
            self._carry(errand)
        except _LATER as error:
            self.reachable = not isinstance(error, teken.Unavailable)
            self._put_off(errand, error)
            return True
        except (teken.TekenError, Refused) as error:
            if isinstance(error, teken.Forbidden) and error.slug == _SCOPE:
                self.reachable = True
                self._put_off(errand, error)
                return True
            self._give_back(errand, error)
        self.reachable = True
        self._errands.done(errand.id, at=self._now())
        return True

    def listen(self) -> None:
        """Read what is new, and do what it asks for."""
        try:
            for event in self._news():
                self._hear(event)
                self._errands.heard(event.id)
            self.reachable = True
        except _LATER as error:
            self.reachable = False
            _LOG.warning("no news", error=type(error).__name__)

    def reconcile(self) -> None:
        """Ask how the papers stand of which nothing was heard for a while, some at a time, in turn.

        Raises what the client raises where Teken cannot be asked now.
        """
        waiting = self._papers.under_way(before=self._now() - SILENCE, after=self._asked, limit=MOST_ASKED)
        self._asked = waiting[-1].id if len(waiting) == MOST_ASKED else ""
        for paper in waiting:
            try:
                self._look(paper)
            except (teken.NotFound, Refused):  # unknown there, or moved on here meanwhile
                _LOG.warning("a paper is not as it was at Teken", paper=paper.id)

    def _news(self) -> list[EventBody]:
        last = self._errands.last_event()
        try:
            return list(self._teken.events.read(last, types=HEARD))
        except teken.NotFound:  # forgotten there: begin again, what is known is passed over
            return list(self._teken.events.read(types=HEARD))

    def _carry(self, errand: Errand) -> None:
        paper = self._papers.get(errand.paper_id)
        if errand.kind is ErrandKind.SUBMIT and paper.state is PaperState.QUEUED:
            self._submit(errand, paper)
        elif errand.kind is ErrandKind.WITHDRAW and paper.state is PaperState.SIGNED and paper.code is not None:
            note = str(errand.details["note"])
            self._teken.letters.withdraw(paper.code, WithdrawalReason.OTHER, note, key=errand.id)
            self._papers.withdrawn(paper.id, note=note, at=self._now())
        elif errand.kind is ErrandKind.DISPATCH and paper.signed is not None:
            self._intake.dispatch(paper, self._files.read(paper.signed))

    def _submit(self, errand: Errand, paper: Paper) -> None:
        kind, directory = self._service.kind(paper.feature, paper.kind), self._service.directory()
        page = self._files.read(paper.draft or "")
        replaced = self._papers.get(paper.replaces).code if paper.replaces else None
        letter = letter_of(paper, preview=kind.preview, replaces=replaced)
        if is_sealed(paper):
            batch = self._teken.batches.open(batch_of(paper, directory), key=f"{errand.id}-open").id
            self._teken.batches.add(batch, page, letter, key=f"{errand.id}-add")
            self._teken.batches.close(batch)
            reference = batch
        else:
            request = flow_of(paper, directory, letter)
            reference = self._teken.documents.create(page, request, key=errand.id).id
        submitted = self._papers.submitted(paper.id, reference=reference, at=self._now())
        if errand.attempts > 1:  # what became of it may have been told before we knew its name
            self._look(submitted)

    def _hear(self, event: EventBody) -> None:
        if event.type is EventType.LETTER_WITHDRAWN:
            paper = self._papers.by_code(event.subject)
            if paper is not None and paper.state is PaperState.SIGNED:
                self._papers.withdrawn(paper.id, note="Dicabut di Teken. · Withdrawn at Teken.", at=self._now())
            return
        paper = self._papers.by_reference(event.subject)
        if paper is not None and paper.state is PaperState.SIGNING:
            self._look(paper)

    def _look(self, paper: Paper) -> None:
        """Ask Teken how far this one is, whatever the event said: the answer is newer."""
        if is_sealed(paper):
            self._look_at_batch(paper)
        else:
            self._look_at_flow(paper, self._teken.documents.get(paper.reference or ""))

    def _look_at_flow(self, paper: Paper, flow: FlowBody) -> None:
        done = [step for step in flow.steps if step.code is not None]
        if flow.state == FlowState.COMPLETED:
            newest = max(done, key=_when)  # of those who sign side by side, the last one of the list may be the first
            self._keep(paper, str(newest.code), self._teken.documents.file(flow.id), len(done))
        elif flow.state == FlowState.CANCELLED:
            why = flow.returned_reason or "Penandatanganan dibatalkan. · The signing was cancelled."
            self._papers.returned(paper.id, problem=why, at=self._now())
        elif len(done) != paper.progress:
            self._papers.progressed(paper.id, done=len(done), at=self._now())

    def _look_at_batch(self, paper: Paper) -> None:
        for item in self._teken.batches.documents(paper.reference or ""):
            if item.state == ItemState.FINISHED:
                content = self._teken.batches.document(paper.reference or "", item.position)
                self._keep(paper, str(item.code), content, 1)
            elif item.state in (ItemState.FAILED, ItemState.CANCELLED):
                problem = not_sealed({str(item.failure or item.state): 1})
                self._papers.returned(paper.id, problem=problem, at=self._now())

    def _keep(self, paper: Paper, code: str, content: bytes, done: int) -> None:
        page = self._teken.signatures.get(code).links.page
        signed = self._files.keep(content)
        goes = self._new_id() if paper.form.get(TO_AGENCIES) else None
        self._papers.signed(paper.id, code=code, page=page, signed=signed, done=done, dispatch=goes, at=self._now())

    def _told(self, errand: Errand) -> bool:
        """Whatever goes wrong in a feature, it is told again later, and others are not kept waiting."""
        try:
            self._tell(self._papers.get(errand.paper_id))
        except Exception as error:
            _LOG.exception("a feature stumbled over its paper", errand=errand.id)
            self._put_off(errand, error)
        else:
            self._errands.done(errand.id, at=self._now())
        return True

    def _put_off(self, errand: Errand, error: Exception) -> None:
        pause = min(FIRST_PAUSE * 2 ** min(errand.attempts - 1, 12), LONGEST_PAUSE)
        told = getattr(error, "retry_after", None)
        due = self._now() + max(pause, timedelta(seconds=told or 0))
        self._errands.later(errand.id, due_at=due, problem=type(error).__name__)
        _LOG.warning("errand put off", errand=errand.id, error=type(error).__name__, attempts=errand.attempts)

    def _give_back(self, errand: Errand, error: Exception) -> None:
        _LOG.info("errand refused", errand=errand.id, error=type(error).__name__)
        if errand.kind is ErrandKind.SUBMIT:
            self._papers.returned(errand.paper_id, problem=said(error), at=self._now())


HEARD: Final = (
    EventType.FLOW_STEP_DONE,
    EventType.FLOW_FINISHED,
    EventType.FLOW_CANCELLED,
    EventType.BATCH_FINISHED,
    EventType.BATCH_CANCELLED,
    EventType.LETTER_WITHDRAWN,
)


def _when(step: StepBody) -> datetime:
    """When it was signed."""
    return datetime.fromisoformat(str(step.done_at))
