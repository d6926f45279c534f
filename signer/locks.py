"""What earlier signatories forbade, and what this one forbids: DocMDP and FieldMDP (ISO 32000-2, 12.8.2). Imports
pyHanko.

A certification is the first signature and says how much may change at all. A field lock names form fields whose values
stay as they are; a signature field of ours counts as one, so it takes a name that no lock covers.
"""

import itertools
import re
from collections.abc import Iterable
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm

from signer.errors import DocumentRefused
from signer.model import Certify, FieldLock, LockAction, SigningTask
from signer.pdf_objects import elements, look_up, resolved

_NAME: Final = re.compile(r"[\w -]{1,64}")  # no dot: that would be a field inside of another one
_MOST_NAMED: Final = 5  # in the text of a refusal
_ACTIONS: Final = {
    LockAction.ALL: FieldMDPAction.ALL,
    LockAction.INCLUDE: FieldMDPAction.INCLUDE,
    LockAction.EXCLUDE: FieldMDPAction.EXCLUDE,
}


def locks_in(signature: generic.DictionaryObject) -> tuple[FieldMDPSpec, ...]:
    """The field locks of an earlier signature. Raises `DocumentRefused` where it forbids every change."""
    found: list[FieldMDPSpec] = []
    for reference in elements(signature, "/Reference"):
        entry = resolved(reference)
        method, parameters = look_up(entry, "/TransformMethod"), look_up(entry, "/TransformParams")
        if method in ("/DocMDP", "/FieldMDP") and look_up(parameters, "/P") == 1:
            raise DocumentRefused(
                "An earlier signature certifies the document and forbids every change (DocMDP, P 1), so another"
                " signature would break it. Validation data and timestamps may still be added.",
                field="document",
                reason="locked-by-certification",
            )
        if method == "/FieldMDP":
            found.append(_lock_in(parameters))
    return tuple(found)


def _lock_in(parameters: generic.PdfObject | None) -> FieldMDPSpec:
    """What a stranger's file locks; whatever says nothing clear locks everything."""
    names = [str(resolved(each)) for each in elements(parameters, "/Fields")]
    action = look_up(parameters, "/Action")
    if action == FieldMDPAction.INCLUDE.value:
        return FieldMDPSpec(FieldMDPAction.INCLUDE, fields=names)
    if action == FieldMDPAction.EXCLUDE.value and names:
        return FieldMDPSpec(FieldMDPAction.EXCLUDE, fields=names)
    return FieldMDPSpec(FieldMDPAction.ALL)


def require_some_field(locks: Iterable[FieldMDPSpec]) -> None:
    """Whether any signature field could still be signed; raises `DocumentRefused`."""
    locks = tuple(locks)
    if any(each.action is FieldMDPAction.ALL for each in locks):
        raise DocumentRefused(_what_is_locked(locks), field="document", reason="fields-locked")


def field_name(existing: str | None, stem: str, taken: frozenset[str], locks: Iterable[FieldMDPSpec]) -> str:
    """The name of the field to be signed, which no lock covers: the `existing` one's, else a new one's.

    A new one has a name that no field has: the first of `stem-1`, `stem-2` … that is free, else one that a lock leaves
    out by name. Raises `DocumentRefused`.
    """
    locks = tuple(locks)
    if existing is not None:
        if any(each.is_locked(existing) for each in locks):
            raise DocumentRefused(
                f"An earlier signature locks the field {existing!r}; it cannot be signed any more.",
                field="stamp.field",
                reason="fields-locked",
            )
        return existing
    excluding = (each for each in locks if each.action is FieldMDPAction.EXCLUDE)
    left_out = [str(name) for each in excluding for name in each.fields or () if _NAME.fullmatch(str(name))]
    counted = (f"{stem}-{number}" for number in range(1, len(taken) + len(left_out) + 2))
    for name in itertools.chain(counted, left_out):
        if name not in taken and not any(each.is_locked(name) for each in locks):
            return name
    raise DocumentRefused(_what_is_locked(locks), field="document", reason="fields-locked")


def _what_is_locked(locks: tuple[FieldMDPSpec, ...]) -> str:
    for each in locks:
        if each.action is FieldMDPAction.ALL:
            return (
                "An earlier signature locks every field of the form, a new signature field too; nothing may be added."
            )
        if each.action is FieldMDPAction.EXCLUDE:
            names = ", ".join(str(name) for name in (each.fields or [])[:_MOST_NAMED]) or "none"
            return f"An earlier signature locks every field but these: {names}. None of them is free for a signature."
    return "Earlier signatures lock every name that a new signature field could have."


def require_lockable(task: SigningTask, *, signatures: int, field_names: frozenset[str]) -> None:
    """Whether `task` may certify and lock as it wants; raises `DocumentRefused`."""
    if task.certify is not None and signatures:
        raise DocumentRefused(
            "A certification has to be the first signature, and this document has one already. Leave `certify` out.",
            field="certify",
            reason="not-first",
        )
    lock = task.lock
    if lock is None:
        return
    if task.stamp is not None and task.stamp.field_name is not None:
        raise DocumentRefused(
            "A field of the document has the lock that its author gave it. Leave `lock` out.",
            field="lock",
            reason="lock-of-field",
        )
    if (lock.action is LockAction.ALL) == bool(lock.fields):
        raise DocumentRefused(
            "Name fields for `include` and `exclude`, and none for `all`.", field="lock.fields", reason="lock-fields"
        )
    if lock.closes and (lock.action is not LockAction.ALL or task.certify is not None):
        raise DocumentRefused(
            "What closes the document locks `all` of it, and a first signature does so with `certify` 1 alone.",
            field="lock.closes",
            reason="lock-closes",
        )
    unknown = [name for name in lock.fields if name not in field_names]
    if lock.action is LockAction.INCLUDE and unknown:
        raise DocumentRefused(
            f"The document has no field {unknown[0]!r}, so it cannot be locked.",
            field="lock.fields",
            reason="no-such-field",
        )


def lock_spec(lock: FieldLock | None) -> FieldMDPSpec | None:
    """The same for pyHanko."""
    return None if lock is None else FieldMDPSpec(_ACTIONS[lock.action], fields=list(lock.fields) or None)


def permission_after(lock: FieldLock | None) -> MDPPerm | None:
    """What a signature that is no certification leaves open, where it says so."""
    return MDPPerm.NO_CHANGES if lock is not None and lock.closes else None


def permission_of(certify: Certify | None) -> MDPPerm | None:
    """The same for pyHanko."""
    return None if certify is None else MDPPerm(certify.value)
