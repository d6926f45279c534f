"""What arrives: letters of other agencies of the office, and files from outside. Each is verified before it is
registered, and registered whatever the verdict is: who reads it sees the verdict first."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

import teken
from teken.types import Indication, ReportBody, SignatureKind

from eoffice.errors import NotYours, Refused
from eoffice.feature import TO_AGENCIES
from eoffice.files import Files
from eoffice.model import Disposition, Incoming, Paper, Person, Role, Verdict
from eoffice.store.incoming import Arrival, IncomingLetters
from eoffice.store.people import People

_SIGNED = SignatureKind.SIGNATURE
LARGEST = 32 * 1024 * 1024
"""Bytes of a letter from outside."""


class Intake:
    """The post room of every agency."""

    def __init__(
        self,
        *,
        letters: IncomingLetters,
        people: People,
        files: Files,
        client: teken.Teken,
        utc_offset_hours: int,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._letters = letters
        self._people = people
        self._files = files
        self._teken = client
        self._zone = timezone(timedelta(hours=utc_offset_hours))
        self._now = now
        self._new_id = new_id

    def dispatch(self, paper: Paper, content: bytes) -> None:
        """A signed letter to each agency that it names; an agency that has it already gets it no second time.

        Raises what the client raises where Teken cannot be asked now.
        """
        sender = self._people.agencies()[paper.agency_id].name
        verdict = self._verdict(content)
        sha256 = self._files.keep(content)
        for agency_id in paper.form[TO_AGENCIES]:
            arrival = Arrival(
                id=self._new_id(),
                agency_id=agency_id,
                sender=sender,
                subject=paper.subject,
                number=paper.number,
                dated=paper.dated,
                sha256=sha256,
                verdict=verdict,
                paper_id=paper.id,
            )
            self._letters.register(arrival, at=self._now(), year=self._today().year)

    def upload(
        self, person: Person, content: bytes, *, sender: str, subject: str, number: str | None, dated: date | None
    ) -> Incoming:
        """A file from outside, taken in by the records unit; the same file twice is the same letter.

        Raises `NotYours`, `Refused`, and what the client raises.
        """
        self.require_records(person)
        if not content.startswith(b"%PDF-") or len(content) > LARGEST:
            raise Refused("Pilih berkas PDF, paling besar 32 MB. · Choose a PDF, 32 MB at most.", field="document")
        arrival = Arrival(
            id=self._new_id(),
            agency_id=person.agency_id,
            sender=sender,
            subject=subject,
            number=number,
            dated=dated,
            sha256=self._files.keep(content),
            verdict=self._verdict(content),
            paper_id=None,
        )
        return self._letters.register(arrival, at=self._now(), year=self._today().year)

    @staticmethod
    def require_records(person: Person) -> None:
        """Raises `NotYours` for who does not take in letters."""
        if Role.RECORDS not in person.roles:
            raise NotYours("Ini tugas tata usaha. · The records unit does this.", field="role")

    def dispose(
        self, person: Person, incoming_id: str, *, to: str, instruction: str, until: date | None, parent_id: str | None
    ) -> Disposition:
        """Pass a letter on: the agency's leader, or whoever it was passed on to.

        Raises `NotFound`, `NotYours`, `Refused`.
        """
        letter = self._letters.get(incoming_id, agency_id=person.agency_id)
        whom = self._people.people().get(to)
        if whom is None or whom.agency_id != person.agency_id or whom.id == person.id:
            raise Refused("Pilih orang lain dari instansi Anda. · Choose somebody else of your agency.", field="to")
        if until is not None and until < self._today():
            raise Refused("Batas waktunya sudah lewat. · That day is over.", field="until")
        given = self._letters.dispositions(letter.id)
        mine = {each.id for each in given if each.to_person == person.id}
        if parent_id is None and Role.LEADER not in person.roles:
            raise NotYours("Pimpinan yang mendisposisi pertama. · A leader writes the first one.", field="role")
        if parent_id is not None and parent_id not in mine:
            raise NotYours("Disposisi itu bukan untuk Anda. · That disposition is not yours.", field="parent")
        disposition = Disposition(
            id=self._new_id(),
            incoming_id=letter.id,
            parent_id=parent_id,
            from_person=person.id,
            to_person=to,
            instruction=instruction,
            until=until,
            given_at=self._now(),
        )
        self._letters.dispose(disposition)
        return disposition

    def done(self, person: Person, disposition_id: str, *, report: str) -> None:
        """Say what was done about one's own. Raises `NotFound` for somebody else's and for one that is done."""
        self._letters.done(disposition_id, person_id=person.id, report=report, at=self._now())

    def read(self, person: Person, incoming_id: str) -> Incoming:
        """A letter to the own agency; the first reader is noted. Raises `NotFound`."""
        return self._letters.read(incoming_id, agency_id=person.agency_id, by=person.id, at=self._now())

    def _verdict(self, content: bytes) -> Verdict:
        try:
            report = self._teken.verifications.upload(content)
        except teken.Refused as refused:
            return self._unreadable(refused)
        return verdict_of(report, at=self._now())

    def _unreadable(self, refused: teken.Refused) -> Verdict:
        """A file that the verifier refuses to read is registered as just that."""
        if isinstance(refused, teken.RateLimited | teken.Unauthorised | teken.Forbidden):
            raise refused
        return Verdict(
            state="unreadable",
            headline_id="Berkas tidak dapat diperiksa",
            headline_en="This file cannot be checked",
            passed=False,
            signers=(),
            relation="unknown",
            at=self._now(),
        )

    def _today(self) -> date:
        return self._now().astimezone(self._zone).date()


def verdict_of(report: ReportBody, *, at: datetime) -> Verdict:
    """What a chief sees at a glance."""
    return Verdict(
        state=str(report.verdict.state),
        headline_id=report.verdict.headline.id,
        headline_en=report.verdict.headline.en,
        passed=report.indication is Indication.TOTAL_PASSED,
        signers=tuple(each.signer.subject for each in report.signatures if each.signer and each.kind == _SIGNED),
        relation=str(report.register.relation),
        at=at,
    )
