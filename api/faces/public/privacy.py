"""What a page may show of a document: numbers of persons never, the rest as its secrecy (*sifat*) allows.

The rules follow UU 27/2022 on personal data; docs/signing.md says what is shown to whom.
"""

from dataclasses import dataclass
from typing import Final

from signer.model import Secrecy, SignatureRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What the page may tell, besides the verdict itself."""

    agency: bool
    signer: bool
    """Name, office, certificate, times."""
    letter: bool
    """Number, kind and subject."""
    pages: bool
    """Preview, download, and technical sentences that may quote the file."""


EVERYTHING: Final = Disclosure(agency=True, signer=True, letter=True, pages=True)
"""For a file that is not ours: the reader brought it along, and we know no more than it says."""

_BY_SECRECY: Final = {
    Secrecy.BIASA: EVERYTHING,
    Secrecy.TERBATAS: Disclosure(agency=True, signer=True, letter=False, pages=False),
    Secrecy.RAHASIA: Disclosure(agency=True, signer=False, letter=False, pages=False),
    Secrecy.SANGAT_RAHASIA: Disclosure(agency=False, signer=False, letter=False, pages=False),
}


def disclosure(record: SignatureRecord | None) -> Disclosure:
    """What the secrecy of the registered letter allows; its own wish for no preview makes it stricter."""
    if record is None:
        return EVERYTHING
    letter = record.intent.letter
    allowed = _BY_SECRECY[letter.secrecy]
    return Disclosure(
        agency=allowed.agency, signer=allowed.signer, letter=allowed.letter, pages=allowed.pages and letter.preview
    )
