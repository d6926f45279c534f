"""What becomes of letters after they were signed, and which kinds are not signed at all."""

import msgspec

from teken.core import operations
from teken.core.content import PDF, Document
from teken.core.group import Group, Target, form
from teken.core.session import Call
from teken.core.steps import RunnerT_co, Steps, operation
from teken.groups.signatures import CODE, Signed
from teken.types import KindsBody, LetterBody, SignBody, StandingBody, WithdrawalReason, WithdrawalRequest


class Letters(Group[RunnerT_co]):
    """Letters after they were signed."""

    @operation
    def standing(self, code: str) -> Steps[StandingBody]:
        """Whether a letter of yours stands, is withdrawn, replaced or over."""
        return self._get(StandingBody, operations.GET_STANDING, code=code)

    @operation
    def withdraw(
        self, code: str, reason: WithdrawalReason, note: str | None = None, *, key: str | None = None
    ) -> Steps[StandingBody]:
        """Withdraw a letter of yours, for good; its signatures stay valid, and the public page tells it."""
        said = WithdrawalRequest(reason=reason, note=note)
        return self._post(StandingBody, operations.WITHDRAW_LETTER, said, key=key, code=code)

    @operation
    def supersede(
        self, code: str, document: Document, request: SignBody, to: Target, *, key: str | None = None
    ) -> Steps[Signed]:
        """Sign another letter that takes the place of the one with this code. With consent on the page:
        `LetterBody(replaces=code)` of what is asked for."""
        letter = msgspec.structs.replace(request.letter or LetterBody(), replaces=code)
        content = form(document, msgspec.structs.replace(request, letter=letter))
        call = Call(operation=operations.SIGN_DOCUMENT, content=content, headers={"Accept": PDF}, key=key)
        saved = yield from self._saved(call, to)
        return Signed(size=saved.size, sha256=saved.sha256, code=saved.headers.get(CODE, ""))

    @operation
    def kinds(self) -> Steps[KindsBody]:
        """Kinds of letters that you cannot have signed electronically."""
        return self._get(KindsBody, operations.LIST_KINDS)
