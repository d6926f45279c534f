"""Texts that go into the subject of a certificate, an official's or a seal's."""

import re
import unicodedata
from typing import Final

from signer.errors import RegistrationRefused

_OCTETS: Final = 64  # of the CN; the population register allows 60 characters
_NUMBER: Final = re.compile(r"\d[ .-]?(?:\d[ .-]?){14}\d")


def certificate_text(field: str, text: str) -> str:
    """`text` in NFC; raises `RegistrationRefused` for what no certificate takes, with the name of its `field`."""
    text = unicodedata.normalize("NFC", text)
    if not text or text != text.strip() or not all(character.isprintable() for character in text):
        raise RegistrationRefused(
            "Write it without blanks around it and without control characters.", field=field, reason="unprintable"
        )
    if len(text.encode()) > _OCTETS:
        raise RegistrationRefused(f"At most {_OCTETS} octets go into a certificate.", field=field, reason="too-long")
    if field != "organisation_identifier" and _NUMBER.search(text):
        raise RegistrationRefused("A NIK or NIP never goes into a name.", field=field, reason="personal-number")
    return text
