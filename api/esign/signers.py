"""Signers as the gateway knows them: by NIK, and the one word for where they stand."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from signer.identity import PersonalNumberHash
from signer.model import Secret
from signer.people import Official, StatusWord, status_word


class Officials(Protocol):
    """The part of `store.officials.SqlOfficialStore` that is needed here."""

    def find_by_number(self, *, nik: str | None = None, nip: str | None = None) -> Official | None: ...


class Signers:
    """`numbers` raises `signer.errors.Unavailable` where the key of the personal numbers is gone; `now` gives aware
    UTC."""

    def __init__(
        self, officials: Officials, *, numbers: Callable[[], PersonalNumberHash], now: Callable[[], datetime]
    ) -> None:
        self._officials = officials
        self._numbers = numbers
        self._now = now

    def by_nik(self, nik: Secret) -> Official | None:
        """The person with this NIK of 16 digits."""
        return self._officials.find_by_number(nik=self._numbers().nik(nik))

    def status(self, official: Official | None) -> StatusWord:
        """Where somebody stands now."""
        return StatusWord.NOT_REGISTERED if official is None else status_word(official, at=self._now())
