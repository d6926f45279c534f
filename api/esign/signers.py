"""Signers as the gateway knows them: by NIK, by e-mail address, and the one word for where they stand."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from signer.identity import PersonalNumberHash
from signer.model import Secret
from signer.people import Official, StatusWord, status_word


class Officials(Protocol):
    """The part of `store.officials.SqlOfficialStore` that is needed here."""

    def find_by_number(self, *, nik: str | None = None, nip: str | None = None) -> Official | None: ...

    def get(self, signatory_id: str, /) -> Official | None: ...


class Contacts(Protocol):
    """The part of `store.bulk.SqlContacts` that is needed here."""

    def signatories_at(self, email: str, /) -> tuple[str, ...]:
        """Who reads mail there; no more than two of them."""
        ...


class Signers:
    """`numbers` raises `signer.errors.Unavailable` where the key of the personal numbers is gone; `now` gives aware
    UTC."""

    def __init__(
        self,
        officials: Officials,
        contacts: Contacts,
        *,
        numbers: Callable[[], PersonalNumberHash],
        now: Callable[[], datetime],
    ) -> None:
        self._officials = officials
        self._contacts = contacts
        self._numbers = numbers
        self._now = now

    def by_nik(self, nik: Secret) -> Official | None:
        """The person with this NIK of 16 digits."""
        return self._officials.find_by_number(nik=self._numbers().nik(nik))

    def at(self, email: str) -> tuple[Official, ...]:
        """Whoever reads mail there; a seal's keeper is no signer. An address that names two names nobody."""
        found = map(self._officials.get, self._contacts.signatories_at(email))
        return tuple(each for each in found if each is not None and not each.signatory.is_seal)

    def status(self, official: Official | None) -> StatusWord:
        """Where somebody stands now."""
        return StatusWord.NOT_REGISTERED if official is None else status_word(official, at=self._now())
