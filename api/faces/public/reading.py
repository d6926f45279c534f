"""How the pages read a signature's report: changed or not, added to or not, and why it did not pass."""

from collections.abc import Sequence
from typing import Final

from api.faces.public import wording
from api.pages.text import Text
from verifier.model import ChangeKind, SignatureKind, SignatureReport, SubIndication

QUIET_CHANGES: Final = frozenset({ChangeKind.VALIDATION_DATA, ChangeKind.DOCUMENT_TIMESTAMP})
"""What keeps a signature verifiable; it adds nothing that a reader could see."""

CHANGED_REASONS: Final = frozenset(
    {SubIndication.HASH_FAILURE, SubIndication.SIG_CRYPTO_FAILURE, SubIndication.DOCUMENT_CHANGED}
)


def is_changed(signature: SignatureReport) -> bool:
    """Whether what was signed is not what is in the file."""
    return signature.reason in CHANGED_REASONS or any(not each.allowed for each in signature.modifications)


def later_additions(signature: SignatureReport) -> bool:
    """Whether something that a reader could see came after the signature."""
    if signature.modifications:
        return any(each.kind not in QUIET_CHANGES for each in signature.modifications)
    return not signature.covers_whole_file


def reason_of(reason: SubIndication | None) -> Text:
    """Why something did not pass, as half a sentence."""
    return wording.INCOMPLETE if reason is None else wording.REASONS[reason]


def as_sentence(clause: Text) -> Text:
    """Half a sentence standing alone."""
    return Text(*(f"{each[:1].upper()}{each[1:]}." for each in clause))


def only_seals(signatures: Sequence[SignatureReport]) -> bool:
    """Whether bodies sealed the file and nobody signed it."""
    kinds = [each.is_seal for each in signatures if each.kind is SignatureKind.SIGNATURE]
    return bool(kinds) and all(kinds)
