"""What later revisions did to a signed one (EN 319 102-1, 5.2.8; ISO 32000-2, 12.8.2).

Each revision is compared with the one before it, once for a file, and only in the objects that it touched. Whatever no
rule explains is a change of the document. See `revision_step` for how, `docs/verifying.md` for the rules.
"""

from functools import cached_property, lru_cache
from typing import Final

from pyhanko.sign.fields import FieldMDPSpec, MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, read_certification_data

from verifier.catalog_rule import compare_document
from verifier.document import OpenedDocument, SignatureField
from verifier.field_rule import compare_field
from verifier.history import History, Incomparable
from verifier.leftovers import forbid_unexplained
from verifier.model import ChangeKind, Modification
from verifier.page_rule import compare_page
from verifier.pages import page_numbers
from verifier.policy import ValidationPolicy
from verifier.references import References
from verifier.revision_step import Finding, Level, Step, View
from verifier.structure import hybrid_fault, tail_fault
from verifier.tag_rule import compare_element, compare_structure

MAX_DETAIL: Final = 300
MAX_TOLD: Final = 64
"""Changes of one revision in a report; the forbidden ones first."""


class Changes:
    """The later revisions of one file; each is compared once, however many signatures ask."""

    def __init__(self, document: OpenedDocument, policy: ValidationPolicy) -> None:
        self._document = document
        self._policy = policy
        self._hybrid = hybrid_fault(document.reader)
        self._findings = lru_cache(maxsize=None)(self._compare)

    def after(self, field: SignatureField) -> tuple[Modification, ...]:
        """Everything that came after `field`'s revision, allowed or not, in order."""
        document, found = self._document, []
        if self._hybrid is not None:
            found.append(self._forbidden(field.revision, self._hybrid))
        fault = tail_fault(document.pdf, field.end, document.revisions - 1 - field.revision)
        if fault is not None:
            found.append(self._forbidden(document.revisions - 1, fault))
        if field.revision + 1 < document.revisions:
            permission, locks = _restrictions(document, field)
            forms = _form_filling_permitted(document, field, permission)
            for revision in range(field.revision + 1, document.revisions):
                findings = self._findings(revision)
                judged = [self._judge(revision, each, permission, locks, forms=forms) for each in findings]
                found.extend(sorted(judged, key=lambda each: each.allowed)[:MAX_TOLD])
        return tuple(found)

    def _judge(
        self, revision: int, finding: Finding, permission: MDPPerm | None, locks: FieldMDPSpec | None, *, forms: bool
    ) -> Modification:
        allowed, detail = (
            finding.kind in self._policy.allowed_changes and finding.level < Level.ANNOTATIONS,
            finding.detail,
        )
        if permission is not None and finding.level > permission.value:
            allowed, detail = False, f"{detail}; the signature's DocMDP permits less"
        if finding.kind is ChangeKind.FORM_FILLING and not forms:
            allowed, detail = False, f"{detail}; no DocMDP permits form filling"
        if finding.locks and locks is not None and locks.is_locked(finding.field or ""):
            allowed, detail = False, f"{detail}; locked by the signature: {finding.field}"
        return Modification(
            revision=revision + 1,
            kind=finding.kind,
            allowed=allowed,
            page=finding.page,
            field=finding.field,
            needs_passing=permission is not None and finding.new_stamp,
            detail=" ".join(detail.split())[:MAX_DETAIL],
        )

    def _compare(self, revision: int) -> tuple[Finding, ...]:
        try:
            return self._compared(revision)
        except (MemoryError, RecursionError):
            raise
        except Incomparable as error:
            detail = str(error)
        except Exception as error:  # a revision that cannot be compared is not an allowed one
            detail = f"the revision cannot be compared: {type(error).__name__}"
        return (Finding(kind=ChangeKind.OTHER, level=Level.OTHER, detail=detail),)

    def _compared(self, revision: int) -> tuple[Finding, ...]:
        """1. Trailer, catalog and what they alone lead to. 2. Fields. 3. Pages. 4. Structure. 5. All else."""
        history = self._history
        step = Step(
            old=View(history, revision - 1),
            new=View(history, revision),
            history=history,
            holders=self._holders,
            signatures={each.value.get_container_ref().idnum: each for each in self._document.fields},
            page_of=self._page_of,
        )
        compare_document(step)  # 1
        others = sorted({*step.rewritten, *step.holders_of_arrays()})
        others = [each for each in others if not compare_field(step, each)]  # 2
        others = [each for each in others if not compare_page(step, each)]  # 3
        compare_structure(step)  # 4
        others = [each for each in others if not compare_element(step, each)]
        forbid_unexplained(step)  # 5
        if not step.findings:
            nothing = "nothing that a reader shows was changed"
            step.findings.append(Finding(kind=ChangeKind.VALIDATION_DATA, level=Level.UPDATES, detail=nothing))
        return tuple(step.findings)

    @cached_property
    def _history(self) -> History:
        return History(self._document.reader)

    @cached_property
    def _holders(self) -> References:
        return References(self._document.pdf, self._document.reader, self._history)

    @cached_property
    def _pages(self) -> dict[int, int]:
        return page_numbers(View(self._history, self._document.revisions - 1))

    def _page_of(self, number: int) -> int | None:
        return self._pages.get(number)

    def _forbidden(self, revision: int, detail: str) -> Modification:
        return Modification(
            revision=revision + 1, kind=ChangeKind.OTHER, allowed=False, page=None, field=None, detail=detail
        )


def _restrictions(document: OpenedDocument, field: SignatureField) -> tuple[MDPPerm | None, FieldMDPSpec | None]:
    """What the signature itself forbids: DocMDP and FieldMDP. Unreadable restrictions forbid everything."""
    try:
        embedded = EmbeddedPdfSignature(document.reader, field.field, field.name)
        return embedded.docmdp_level, embedded.fieldmdp
    except (MemoryError, RecursionError):
        raise
    except Exception:  # hostile restrictions make the parser raise anything at all
        return MDPPerm.NO_CHANGES, None


def _form_filling_permitted(document: OpenedDocument, field: SignatureField, permission: MDPPerm | None) -> bool:
    """Whether this signature, or a certification that it covers, invites others to fill in the form."""
    if permission is not None:
        return bool(permission.value >= MDPPerm.FILL_FORMS.value)
    try:
        certification = read_certification_data(document.reader)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # as above
        return False
    if certification is None or certification.permission is None:
        return False
    author = certification.author_sig.get_container_ref()
    covered = any(
        each.value.get_container_ref() == author and each.revision <= field.revision for each in document.fields
    )
    return covered and bool(certification.permission.value >= MDPPerm.FILL_FORMS.value)
