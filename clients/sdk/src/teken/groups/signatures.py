"""Signing one document, and what was signed."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from teken.core import operations
from teken.core.content import PDF, Document
from teken.core.group import Group, Target, form
from teken.core.session import Call, json_content
from teken.core.steps import Items, RunnerT_co, Steps, iteration, operation
from teken.groups.paging import MOST, all_of
from teken.types import AugmentBody, RecordBody, RecordPage, SignatureLevel, SignBody

CODE: Final = "teken-verification-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A document that was written down."""

    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(Saved):
    """A document that was signed, and written down."""

    code: str
    """Its long verification code; `get(code)` has the record."""


class Signatures(Group[RunnerT_co]):
    """Signing one document, and what was signed."""

    @operation
    def sign(self, document: Document, request: SignBody, to: Target, *, key: str | None = None) -> Steps[Signed]:
        """Sign one document, and write the signed one to `to`.

        Only where the operator lets passphrases pass through applications; ask for consent otherwise
        (`activations.request`). `key`: your own `Idempotency-Key`, where the request shall survive your own crash.
        """
        call = Call(
            operation=operations.SIGN_DOCUMENT, content=form(document, request), headers={"Accept": PDF}, key=key
        )
        saved = yield from self._saved(call, to)
        return Signed(size=saved.size, sha256=saved.sha256, code=saved.headers.get(CODE, ""))

    @operation
    def get(self, code: str) -> Steps[RecordBody]:
        """The record of one signing of yours, by its long or short code."""
        return self._get(RecordBody, operations.GET_SIGNATURE, code=code)

    @iteration
    def find(self, external_id: str) -> Items[RecordBody]:
        """Signings of yours under your own name of the letter, failed ones too."""
        return all_of(
            lambda after: self._get(
                RecordPage,
                operations.FIND_SIGNATURES,
                query={"externalId": external_id, "cursor": after, "limit": MOST},
            )
        )

    @operation
    def document(self, code: str, *, version: int | None = None) -> Steps[bytes]:
        """The signed PDF in memory: its newest version, or one by its number."""
        file = BytesIO()
        yield from self._saved(self._fetching(code, version), file)
        return file.getvalue()

    @operation
    def save(self, code: str, to: Target, *, version: int | None = None) -> Steps[Saved]:
        """The signed PDF into a file; a download that broke off goes on where it stopped."""
        saved = yield from self._saved(self._fetching(code, version), to)
        return Saved(size=saved.size, sha256=saved.sha256)

    @operation
    def raise_level(self, code: str, level: SignatureLevel, to: Target, *, key: str | None = None) -> Steps[Saved]:
        """Raise what was signed here to a higher level, and write the new version to `to`."""
        call = Call(
            operation=operations.AUGMENT_SIGNED_DOCUMENT,
            path={"code": code},
            content=json_content(AugmentBody(level=level)),
            headers={"Accept": PDF},
            key=key,
        )
        saved = yield from self._saved(call, to)
        return Saved(size=saved.size, sha256=saved.sha256)

    @operation
    def raise_file(
        self, document: Document, level: SignatureLevel, to: Target, *, key: str | None = None
    ) -> Steps[Saved]:
        """Raise any signed document to a higher level, and write the new one to `to`."""
        call = Call(
            operation=operations.AUGMENT_DOCUMENT,
            content=form(document, AugmentBody(level=level)),
            headers={"Accept": PDF},
            key=key,
        )
        saved = yield from self._saved(call, to)
        return Saved(size=saved.size, sha256=saved.sha256)

    def _fetching(self, code: str, version: int | None) -> Call:
        return Call(
            operation=operations.GET_SIGNED_DOCUMENT,
            path={"code": code},
            query={"version": version},
            headers={"Accept": PDF},
        )
