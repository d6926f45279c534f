"""NIK and NIP: read once, turned into a keyed hash, forgotten. Ten million of them are quickly tried, hence the key."""

import hashlib
import hmac
import re
from typing import Final

from signer.errors import RegistrationRefused
from signer.model import Secret
from signer.people import NumberHashes, PersonalNumbers

KEY_BYTES: Final = 32
NIK_DIGITS: Final = 16
NIP_DIGITS: Final = 18


class PersonalNumberHash:
    """HMAC-SHA-256 of personal numbers under one secret of this installation."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 random octets; with another key nobody is found again. Raises `ValueError` for another length."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key of the personal numbers has {KEY_BYTES} octets")
        self._key = key

    @property
    def check(self) -> str:
        """Hex; tells whether this is the key of yesterday, and nothing else about it."""
        return self._hash("key", "")

    def nik(self, number: Secret) -> str:
        """Hex. Shorter numbers are padded: clients that read a NIK as an integer lose its leading zeros.

        Raises `RegistrationRefused`, which never quotes the number.
        """
        digits = number.reveal().strip()
        if not re.fullmatch(r"[0-9]{1,16}", digits):
            raise RegistrationRefused("A NIK has 16 digits. Check it.", field="nik", reason="not-a-nik")
        return self._hash("nik", digits.zfill(NIK_DIGITS))

    def nip(self, number: Secret) -> str:
        """Hex. Blanks inside are how a NIP is printed; nothing else of its form is checked, for forms differ."""
        digits = "".join(number.reveal().split())
        if not re.fullmatch(r"[0-9]{18}", digits):
            raise RegistrationRefused("A NIP has 18 digits. Check it.", field="nip", reason="not-a-nip")
        return self._hash("nip", digits)

    def all(self, numbers: PersonalNumbers) -> NumberHashes:
        """Both, where they are given."""
        return NumberHashes(
            nik=self.nik(numbers.nik) if numbers.nik is not None else None,
            nip=self.nip(numbers.nip) if numbers.nip is not None else None,
        )

    def person(self, number: Secret) -> str:
        """Whose account this is, by whichever of the two numbers is given."""
        digits = "".join(number.reveal().split())
        return self.nip(number) if len(digits) == NIP_DIGITS else self.nik(number)

    def compared(self, number: Secret) -> str:
        """Hex. Tells whether the same was typed again; finds nobody, so whatever was typed will do."""
        return self._hash("typed", number.reveal())

    def _hash(self, kind: str, digits: str) -> str:
        return hmac.new(self._key, f"{kind}:{digits}".encode(), hashlib.sha256).hexdigest()
