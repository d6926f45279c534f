"""The console of a registration office behind a real socket: officials in every state, and people who are logged in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from cryptography import x509
from playwright.sync_api import Browser, Page

from api.office.handovers import HandoverOffice
from signer.appointments import ActingForm, Appointment
from signer.factors.model import SignedInBy
from signer.factors.staff import CONFIRMED
from signer.factors.subjects import staff_subject
from signer.model import Credential, SignedAs, SigningAct
from signer.people import Role
from store.database import Database, open_database
from tests.browser.server import serve
from tests.browser.visits import fresh_page
from tests.support.consent import ConsentHouse, consent_over
from tests.support.console import ConsoleHouse, console_house
from tests.support.office import PASSPHRASE, PERSON, TestOffice, office_in
from tests.support.pki import make_pki

REGISTRAR, APPROVER, ADMINISTRATOR = Role.REGISTRAR, Role.APPROVER, Role.ADMINISTRATOR
NAMES = ("I Wayan Contoh", "Ni Luh Contoh Lestari", "I Made Umpama", "Ni Ketut Misal Dewi", "I Gede Andai")
UNITS = ("Dinas Komunikasi Contoh", "Dinas Pendidikan Contoh", "Sekretariat Daerah Contoh")


@dataclass(kw_only=True)
class PeopleHouse:
    """The console, where it is, and the addresses of its pages by a name for people."""

    house: ConsoleHouse
    database: Database
    address: str
    places: dict[str, str]

    @contextmanager
    def visitor(self, browser: Browser, role: Role, *, width: int = 1280) -> Iterator[Page]:
        """The person of that role, as just confirmed; whatever the browser complains of fails the test."""
        until = self.house.office.at + CONFIRMED
        new = self.house.entrance.logins.begin(staff_subject(role.value), SignedInBy.PASSKEY, confirmed_until=until)
        with fresh_page(browser, width=width) as page:
            page.context.add_cookies([{"name": "teken-console", "value": new.token, "url": self.address}])
            yield page


@contextmanager
def people_house(folder: Path, template: Path) -> Iterator[PeopleHouse]:
    """`template`: a migrated database."""
    (folder / "teken.db").write_bytes(template.read_bytes())
    with open_database(f"sqlite+pysqlite:///{folder / 'teken.db'}", 8) as database:
        pki = make_pki()
        office = office_in(folder, database, pki)
        enrolled, places = _furnished(office)
        consent = consent_over(office, enrolled[0], database, pki)
        desk, approvals = office.people.accounts.desk, office.people.approvals
        handovers = HandoverOffice(desk=desk, approvals=approvals, handing_over=consent.parts.handing_over)
        house = console_house(office, database, adjust=lambda same: replace(same, handovers=handovers))
        places |= _waiting(consent, enrolled[4])
        with serve(house.service.app()) as address:
            yield PeopleHouse(house=house, database=database, address=address, places=places)


def _waiting(consent: ConsentHouse, deputy: Credential) -> dict[str, str]:
    """A letter that waits for the first official, in whose office somebody acts today."""
    today, office = consent.office.at.date(), "Kepala Dinas Contoh"
    appointment = Appointment(
        id="a" * 32,
        signatory_id=deputy.signatory.id,
        form=ActingForm.PLH,
        office=office,
        starts_on=today,
        ends_on=today + timedelta(days=6),
    )
    consent.parts.appointments.record(appointment, actor="registrar", at=consent.office.at)
    flow = consent.flow((consent.credential, SigningAct.SIGNATURE), signed_as=SignedAs(office=office))
    letters = f"/console/officials/{consent.who}/letters"
    return {"letters": letters, "hand over": f"{letters}/{flow.flow.id}/1"}


def _furnished(office: TestOffice) -> tuple[list[Credential], dict[str, str]]:
    """Officials who sign, are suspended, revoked and waiting; proposals, a file and a seal."""
    people, registrar, approver = office.people, office.caller(REGISTRAR), office.caller(APPROVER)
    enrolled = []
    for number, name in enumerate(NAMES):
        person = replace(PERSON, name=name, unit=UNITS[number % len(UNITS)])
        registration = office.approved(people.office.register(registrar, person))
        invitation = people.office.invite(registrar, registration.id)
        enrolled.append(people.registrations.complete(invitation.token, PASSPHRASE))
    office.proposed()
    office.approved(office.proposed())
    who, serials = enrolled[0].signatory.id, [each.certificate.serial_number for each in enrolled]
    people.office.suspend_credential(registrar, enrolled[1].id)
    people.office.revoke(registrar, serials[2], x509.ReasonFlags.key_compromise)
    people.directory.appoint(
        registrar,
        who,
        form=ActingForm.PLT,
        office="Kepala Dinas",
        starts_on=date(2026, 11, 1),
        ends_on=date(2027, 1, 1),
    )
    people.factors.propose_first(registrar, who)
    ended = x509.ReasonFlags.cessation_of_operation
    waiting = people.office.propose_bulk_revocation(registrar, serials[3:5], ended)
    ready = people.office.propose_bulk_revocation(registrar, serials[3:4], ended)
    people.office.decide(approver, ready.id, approve=True, note="Sudah dicek.")
    rows = "nama,unit_kerja\n" + "".join(f"Pejabat Umpama {letter},Dinas Contoh\n" for letter in "ABCD")
    kept = people.imports.keep(registrar, "pejabat.csv", rows.encode())
    house = (PERSON.organisation, PERSON.organisation_identifier)
    seal = people.seals.enrol(office.caller(ADMINISTRATOR), "Dinas Contoh", *house)
    return enrolled, {
        "officials": "/console/officials",
        "nobody found": "/console/officials?name=zzz",
        "official": f"/console/officials/{who}",
        "register": "/console/officials/new",
        "transfer": f"/console/officials/{who}/transfer",
        "registrations": "/console/registrations",
        "certificates": "/console/certificates",
        "revoke": f"/console/certificates/{serials[0]:x}/revocation",
        "approvals": "/console/approvals?stage=all",
        "decide": f"/console/approvals/{waiting.id}",
        "carry out": f"/console/approvals/{ready.id}",
        "imports": "/console/imports",
        "import": f"/console/imports/{kept.import_id}",
        "seals": "/console/seals",
        "seal": f"/console/seals/{seal.credential.id}",
        "new seal": "/console/seals/new",
    }
