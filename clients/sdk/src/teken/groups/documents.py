"""Documents that several officials initial and sign, each in their turn."""

from io import BytesIO

from teken.core import operations
from teken.core.content import PDF, Document
from teken.core.group import Group, Target, form
from teken.core.session import Call
from teken.core.steps import Items, RunnerT_co, Steps, iteration, operation
from teken.groups.paging import MOST, all_of
from teken.groups.signatures import Saved
from teken.types import DocumentRequest, FlowBody, FlowPage, StepSignature


class Documents(Group[RunnerT_co]):
    """Documents of several signatories; a step is put before its official by `activations.ask_for_step`."""

    @operation
    def create(self, document: Document, request: DocumentRequest, *, key: str | None = None) -> Steps[FlowBody]:
        """A new document, with everybody who is to sign it."""
        call = Call(operation=operations.CREATE_DOCUMENT, content=form(document, request), key=key)
        return self.session.told(call, FlowBody)

    @operation
    def get(self, document: str) -> Steps[FlowBody]:
        """How far it has come."""
        return self._get(FlowBody, operations.GET_DOCUMENT, document=document)

    @iteration
    def list(self, external_id: str | None = None) -> Items[FlowBody]:
        """Documents of yours; all, or those that you call so."""
        return all_of(
            lambda after: self._get(
                FlowPage,
                operations.LIST_DOCUMENTS,
                query={"externalId": external_id, "cursor": after, "limit": MOST},
            )
        )

    @operation
    def sign_step(
        self, document: str, number: int, signature: StepSignature, *, key: str | None = None
    ) -> Steps[FlowBody]:
        """Sign one step, where the operator lets passphrases pass through."""
        return self._post(FlowBody, operations.SIGN_STEP, signature, key=key, document=document, number=number)

    @operation
    def cancel(self, document: str, *, key: str | None = None) -> Steps[FlowBody]:
        """Nobody signs it any more."""
        return self._post(FlowBody, operations.CANCEL_DOCUMENT, key=key, document=document)

    @operation
    def file(self, document: str) -> Steps[bytes]:
        """The PDF as it stands now, in memory."""
        file = BytesIO()
        yield from self._saved(_fetching(document), file)
        return file.getvalue()

    @operation
    def save(self, document: str, to: Target) -> Steps[Saved]:
        """The PDF as it stands now, into a file."""
        saved = yield from self._saved(_fetching(document), to)
        return Saved(size=saved.size, sha256=saved.sha256)


def _fetching(document: str) -> Call:
    return Call(operation=operations.GET_DOCUMENT_FILE, path={"document": document}, headers={"Accept": PDF})
