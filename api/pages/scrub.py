"""What no page shows, whoever wrote it: numbers of persons, addresses, characters that cannot be seen."""

import re
from typing import Final

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
