"""What later revisions did to a signed one (EN 319 102-1, 5.2.8; ISO 32000-2, 12.8.2). Imports pyHanko.

pyHanko explains every object that a revision wrote, or objects. We add what it leaves open, compare each revision with
the one before it once per file, and name the outcome. Whatever nobody explained is a change of the document.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.constants import VALUE_UPDATE_KEYS
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, read_certification_data

from verifier.document import OpenedDocument, SignatureField
from verifier.dss_rule import SecurityStoreRule
from verifier.history import Revision
from verifier.model import ChangeKind, Modification, SignatureKind
from verifier.pages import page_numbers
from verifier.pdf_objects import entry
from verifier.policy import ValidationPolicy
from verifier.references import References
from verifier.structure import hybrid_fault, tail_fault

MAX_DETAIL: Final = 300
_RULES: Final = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (DocInfoRule(), XrefStreamRule(), ObjectStreamRule(), SecurityStoreRule(), MetadataUpdateRule())
        ),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(),
            SigFieldModificationRule(),
            # /I: the chosen items of a list, which belong to its value (ISO 32000-2, table 234)
            GenericFieldModificationRule(value_update_keys=VALUE_UPDATE_KEYS | {"/I"}),
        ]
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One revision compared with the one before it."""

    kind: ChangeKind
    level: ModificationLevel
    fields: frozenset[str]
    """Names of the form fields whose values it changed."""
    page: int | None
    detail: str


class Changes:
    """The later revisions of one file; each is compared once, however many signatures ask."""

    def __init__(self, document: OpenedDocument, policy: ValidationPolicy) -> None:
        self._document = document
        self._policy = policy
        self._hybrid = hybrid_fault(document.reader)
        self._references = References(document.pdf, document.reader)
        self._step = lru_cache(maxsize=None)(self._compare)

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
            found.extend(
                self._judge(revision, self._step(revision, permission), permission, locks, forms=forms)
                for revision in range(field.revision + 1, document.revisions)
            )
        return tuple(found)

    def _judge(
        self, revision: int, step: _Step, permission: MDPPerm | None, locks: FieldMDPSpec | None, *, forms: bool
    ) -> Modification:
        allowed, detail = step.kind in self._policy.allowed_changes, step.detail
        if permission is not None and step.level.value > permission.value:
            allowed, detail = False, f"{detail}; the signature's DocMDP permits less"
        if step.kind is ChangeKind.FORM_FILLING and not forms:
            allowed, detail = False, f"{detail}; no DocMDP permits form filling"
        locked = sorted(name for name in step.fields if locks is not None and locks.is_locked(name))
        if locked:
            allowed, detail = False, f"{detail}; locked by the signature: {', '.join(locked)}"
        return Modification(
            revision=revision + 1, kind=step.kind, allowed=allowed, page=step.page, detail=detail[:MAX_DETAIL]
        )

    def _compare(self, revision: int, permission: MDPPerm | None) -> _Step:
        reader = self._document.reader
        old, new = reader.get_historical_resolver(revision - 1), reader.get_historical_resolver(revision)
        try:
            fault = _own_fault(self._document, old, new) or _defined_later(self._references, old, new)
            if fault is None:
                result = _RULES.apply(old, new, doc_mdp=permission)
        except SuspiciousModification as error:
            fault = str(error)
        except MemoryError:
            raise
        except Exception as error:  # a revision that cannot be compared is not an allowed one
            fault = f"the revision cannot be compared: {type(error).__name__}"
        if fault is not None:
            return _Step(
                kind=ChangeKind.OTHER,
                level=ModificationLevel.OTHER,
                fields=frozenset(),
                page=self._touched_page(new),
                detail=" ".join(fault.split()),
            )
        names = frozenset(result.changed_form_fields)
        kind, page = self._kind(revision, result.modification_level, names)
        return _Step(kind=kind, level=result.modification_level, fields=names, page=page, detail=_SENTENCES[kind])

    def _kind(self, revision: int, level: ModificationLevel, names: frozenset[str]) -> tuple[ChangeKind, int | None]:
        if level.value >= ModificationLevel.ANNOTATIONS.value:
            return ChangeKind.ANNOTATION, None
        signed_here = [each for each in self._document.fields if each.revision == revision]
        if level is ModificationLevel.FORM_FILLING and not names <= {each.name for each in signed_here}:
            return ChangeKind.FORM_FILLING, None
        for each in signed_here:
            kind = ChangeKind.SIGNATURE if each.kind is SignatureKind.SIGNATURE else ChangeKind.DOCUMENT_TIMESTAMP
            return kind, self._page_of(each.field)
        return ChangeKind.VALIDATION_DATA, None

    def _page_of(self, field: generic.DictionaryObject) -> int | None:
        page = _raw(field, "/P")
        if not isinstance(page, generic.IndirectObject):
            return None
        return page_numbers(self._document.reader).get(page.idnum)

    def _touched_page(self, new: Revision) -> int | None:
        numbers = page_numbers(self._document.reader)
        touched = [numbers[ref.idnum] for ref in new.explicit_refs_in_revision() if ref.idnum in numbers]
        return min(touched, default=None)

    def _forbidden(self, revision: int, detail: str) -> Modification:
        return Modification(revision=revision + 1, kind=ChangeKind.OTHER, allowed=False, page=None, detail=detail)


_SENTENCES: Final = {
    ChangeKind.VALIDATION_DATA: "certificates, revocation status or metadata were added",
    ChangeKind.DOCUMENT_TIMESTAMP: "a document timestamp was added",
    ChangeKind.SIGNATURE: "another signature was added",
    ChangeKind.FORM_FILLING: "form fields were filled in",
    ChangeKind.ANNOTATION: "annotations were changed",
}


def _restrictions(document: OpenedDocument, field: SignatureField) -> tuple[MDPPerm | None, FieldMDPSpec | None]:
    """What the signature itself forbids: DocMDP and FieldMDP. Unreadable restrictions forbid everything."""
    try:
        embedded = EmbeddedPdfSignature(document.reader, field.field, field.name)
        return embedded.docmdp_level, embedded.fieldmdp
    except (ValueError, KeyError, TypeError, AttributeError):
        return MDPPerm.NO_CHANGES, None


def _form_filling_permitted(document: OpenedDocument, field: SignatureField, permission: MDPPerm | None) -> bool:
    """Whether this signature, or a certification that it covers, invites others to fill in the form."""
    if permission is not None:
        return bool(permission.value >= MDPPerm.FILL_FORMS.value)
    try:
        certification = read_certification_data(document.reader)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    if certification is None or certification.permission is None:
        return False
    author = certification.author_sig.get_container_ref()
    covered = any(
        each.value.get_container_ref() == author and each.revision <= field.revision for each in document.fields
    )
    return covered and bool(certification.permission.value >= MDPPerm.FILL_FORMS.value)


def _own_fault(document: OpenedDocument, old: Revision, new: Revision) -> str | None:
    """What pyHanko's rules leave open."""
    if old.root_ref.idnum != new.root_ref.idnum:
        return "the document catalog was replaced by another object"
    if _raw(old.trailer_view, "/Encrypt") != _raw(new.trailer_view, "/Encrypt"):
        return "the encryption of the file was changed"
    if "/Perms" in old.root and _raw(old.root, "/Perms") != _raw(new.root, "/Perms"):
        return "the permissions of the certification were replaced"
    if all(field.revision != new.revision for field in document.fields):
        return _unsigned_stamp(old, new)
    return None


def _raw(dictionary: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    return dictionary.raw_get(key) if key in dictionary else None


def _unsigned_stamp(old: Revision, new: Revision) -> str | None:
    """A signature field that nobody signed is an annotation that may cover the page (evil annotation attack)."""
    for ref in new.explicit_refs_in_revision():
        value = None if old.in_use(ref) else new(ref)
        if not isinstance(value, generic.DictionaryObject) or isinstance(value, generic.StreamObject):
            continue
        if entry(value, "/Subtype") == "/Widget" and "/V" not in value and _has_area(entry(value, "/Rect")):
            return "a visible form field that nobody signed was added"
    return None


def _has_area(rectangle: object) -> bool:
    try:
        left, bottom, right, top = (float(each) for each in rectangle)  # type: ignore[attr-defined]  # whatever it is
    except (TypeError, ValueError):
        return False
    return left != right and bottom != top


def _defined_later(references: References, old: Revision, new: Revision) -> str | None:
    """Shadow attack by a dangling reference: the signed revision points at an object that only a later one defines."""
    fresh = {ref.idnum for ref in new.explicit_refs_in_revision() if not old.in_use(ref)}
    dangling = fresh & references.up_to(old.revision)
    if dangling:
        return f"object {min(dangling)} was referenced by the signed revision and defined only later"
    return None
