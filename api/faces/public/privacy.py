"""What a page may show of a document: numbers of persons never, the rest as its secrecy (*sifat*) allows.

The rules follow UU 27/2022 on personal data; docs/signing.md says what is shown to whom.
"""

import re
from dataclasses import dataclass
from typing import Final

from signer.model import Secrecy, SignatureRecord

BLANK: Final = "•••"

LONGEST: Final = 1000
"""Characters of one text on a page; names and subjects are far shorter; a longer one is there to drown us."""

_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
"""Control, zero-width and direction characters: they would let a name rewrite the sentence around it."""
_NUMBER_OF_A_PERSON: Final = re.compile(r"(?<!\d)\d(?:[\s.\-\u2010-\u2015]{0,3}\d){15,}(?!\d)")
"""16 digits are a NIK, 18 a NIP, often grouped by spaces or dots; longer runs hide one just as well."""
_ADDRESS: Final = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")


def scrub(text: str) -> str:
    """`text` without numbers of persons, e-mail addresses and invisible characters, and not endless."""
    visible = _UNSEEN.sub(" ", text[:LONGEST]) + ("…" if len(text) > LONGEST else "")
    return _ADDRESS.sub(BLANK, _NUMBER_OF_A_PERSON.sub(BLANK, visible))


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
