"""The file as it was signed: the bytes up to the end of a signature's revision, and what came after."""

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.model import ChangeKind, SignatureKind, SignatureReport, ValidationReport

_INVISIBLE = frozenset({ChangeKind.VALIDATION_DATA, ChangeKind.DOCUMENT_TIMESTAMP})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRevision:
    """One signed revision of a file that was added to."""

    number: int
    """From 1, as the report counts."""
    end: int
    """Bytes of the file that belong to it."""
    pages: tuple[int, ...]
    """Pages (from 1) on which later revisions changed something, as far as the report names them."""
    changed: bool
    """Whether a reader may see a difference: later than it there is more than validation data and timestamps."""


def signed_revisions(report: ValidationReport) -> tuple[SignedRevision, ...]:
    """Every revision that ends with an intact signature and is not the whole file, the oldest first; each once.

    A signature that is not intact has no revision worth having: what it says of its bytes is false.
    """
    found = {each.number: each for each in _found(report)}
    return tuple(found[number] for number in sorted(found))


def _found(report: ValidationReport) -> Iterator[SignedRevision]:
    for each in report.signatures:
        end = _end(each)
        if each.kind is SignatureKind.SIGNATURE and each.intact and 0 < end < report.document_size:
            yield SignedRevision(
                number=each.revision,
                end=end,
                pages=tuple(dict.fromkeys(change.page for change in each.modifications if change.page is not None)),
                changed=not each.covers_whole_file
                and (not each.modifications or any(change.kind not in _INVISIBLE for change in each.modifications)),
            )


def _end(signature: SignatureReport) -> int:
    """One past the last covered byte (ISO 32000-2, 12.8.1); 0 where the range is none."""
    covered = signature.facts.byte_range if signature.facts else ()
    return covered[2] + covered[3] if len(covered) == 4 else 0
