"""Asking a signatory for consent, who gives it on the service's own page."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from teken.core import operations
from teken.core.content import Document, Sent
from teken.core.group import Group
from teken.core.session import Call
from teken.core.steps import RunnerT_co, Steps, Wait, operation
from teken.errors import Forbidden, NotConsented, TookTooLong
from teken.types import ActivationBody, ActivationKind, AskBody, LetterBody, WantedBody

PENDING: Final = "pending"
GRANTED: Final = "granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A document that shall be signed, and how."""

    document: Document
    name: str
    """What the signatory reads."""
    letter: LetterBody | None = None
    more: WantedBody | None = None
    """Level, stamp and whatever else; its `sha256`, `name` and `letter` are taken from here."""

    def body(self, sha256: str) -> WantedBody:
        """The same on the wire."""
        said = self.more or WantedBody(sha256=sha256, name=self.name)
        return msgspec.structs.replace(said, sha256=sha256, name=self.name, letter=self.letter or said.letter)


class Activations(Group[RunnerT_co]):
    """Requests for consent."""

    @operation
    def ask(self, request: AskBody, *, key: str | None = None) -> Steps[ActivationBody]:
        """Ask for consent to exactly these digests; `page` in the answer is for the signatory alone, and told once."""
        return self._post(ActivationBody, operations.ASK_FOR_ACTIVATION, request, key=key)

    @operation
    def ask_for_batch(self, batch: str, *, key: str | None = None) -> Steps[ActivationBody]:
        """Put a closed batch before its signatory."""
        return self._post(ActivationBody, operations.ASK_FOR_BATCH_ACTIVATION, key=key, batch=batch)

    @operation
    def ask_for_step(self, document: str, number: int, *, key: str | None = None) -> Steps[ActivationBody]:
        """Put one step of a document before its official."""
        return self._post(ActivationBody, operations.ASK_FOR_STEP_ACTIVATION, key=key, document=document, number=number)

    @operation
    def send(self, activation: str, position: int, document: Document) -> Steps[ActivationBody]:
        """Send one document of the list, so that the signatory can see it."""
        return self._sent(activation, position, Sent(document))

    @operation
    def request(self, credential: str, documents: Iterable[Wanted], *, key: str | None = None) -> Steps[ActivationBody]:
        """Ask for consent and send every document: `ask`, then `send` for each. Give `page` to the signatory."""
        wanted = [(each, Sent(each.document)) for each in documents]
        body = AskBody(credential=credential, documents=[each.body(sent.sha256()) for each, sent in wanted])
        asked = yield from self._post(ActivationBody, operations.ASK_FOR_ACTIVATION, body, key=key)
        for position, (_, sent) in enumerate(wanted, start=1):
            yield from self._sent(asked.id, position, sent)
        return asked

    @operation
    def get(self, activation: str) -> Steps[ActivationBody]:
        """Where a request stands."""
        return self._get(ActivationBody, operations.GET_ACTIVATION, activation=activation)

    @operation
    def wait(
        self,
        activation: str,
        *,
        seconds: float = 900,
        every: float = 2,
        progress: Callable[[ActivationBody], None] | None = None,
    ) -> Steps[ActivationBody]:
        """Until the signatory consented; `progress` is told of each change.

        Raises `NotConsented` where they said no or the request ended, `TookTooLong` after `seconds`.
        """
        end, before = self.session.outside.monotonic() + seconds, None
        while True:
            now = yield from self._get(ActivationBody, operations.GET_ACTIVATION, activation=activation)
            if progress is not None and now != before:
                progress(now)
            if now.state not in (PENDING, GRANTED):
                raise NotConsented(now.state, now.reason)
            if now.state == GRANTED and _done(now):
                return now
            if self.session.outside.monotonic() + every > end:
                raise TookTooLong(f"The request is {now.state} after {seconds:g} s.")
            before = now
            yield Wait(every)

    def _sent(self, activation: str, position: int, document: Sent) -> Steps[ActivationBody]:
        call = Call(
            operation=operations.SEND_ACTIVATION_DOCUMENT,
            path={"activation": activation, "position": position},
            content=document,
            harmless=True,  # it is named by its digest: the same document again changes nothing
        )
        try:
            return (yield from self.session.told(call, ActivationBody))
        except Forbidden as error:
            if error.reason != "not-awaited":
                raise
            now = yield from self._get(ActivationBody, operations.GET_ACTIVATION, activation=activation)
            if now.documents[position - 1].pages is None:
                raise
            return now  # it arrived before, and only the answer was lost


def codes_of(activation: ActivationBody) -> Sequence[str]:
    """The verification codes of what was signed with a consent, for `signatures.save`."""
    return [each.signature.rpartition("/")[2] for each in activation.documents if each.signature is not None]


def _done(activation: ActivationBody) -> bool:
    """Whether each document that the consent covers was signed or failed; a batch is followed by `batches`."""
    return activation.kind != ActivationKind.DOCUMENTS or all(
        each.signature or each.failure or each.left_out for each in activation.documents
    )
