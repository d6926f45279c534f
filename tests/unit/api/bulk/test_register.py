"""An import's proposals: the same key is the same proposal, whatever happened in between."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.bulk.register import KeyedRegistrations
from signer.approvals import ApprovalService
from signer.credentials import CredentialService
from signer.errors import NotPermitted, RegistrationRefused
from signer.people import Role, StaffMember
from signer.registrations import RegistrationService
from store.approvals import SqlApprovalStore
from store.bulk import SqlContacts, SqlKnownOfficials
from store.credentials import SqlCredentialStore
from store.database import Database, open_database
from store.officials import SqlOfficialStore
from store.registrations import SqlRegistrationStore
from tests.support.pki import NOON, make_pki
from tests.support.signer_memory import MemoryKeyVault, PkiIssuer
from tests.support.signing import counted_bytes
from tests.unit.store.samples import credential

WHO = {
    "name": "I Wayan Contoh",
    "organisation": "Pemerintah Provinsi Contoh",
    "organisation_identifier": "NTRID-0000000000",
    "unit": "Biro Contoh",
    "email": "wayan@contoh.go.id",
}


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    file = tmp_path / "teken.db"
    file.write_bytes(sqlite_template.read_bytes())
    with open_database(f"sqlite+pysqlite:///{file}", 4) as opened:
        yield opened


def register(database: Database, role: Role = Role.REGISTRAR) -> KeyedRegistrations:
    stored, contacts = SqlCredentialStore(database), SqlContacts(database)
    service = CredentialService(
        credentials=stored,
        keys=MemoryKeyVault(),
        issuer=PkiIssuer(pki=make_pki()),
        now=lambda: NOON,
        random_bytes=counted_bytes(),
    )
    return KeyedRegistrations(
        service_with=lambda drawn: RegistrationService(
            registrations=SqlRegistrationStore(database),
            officials=SqlOfficialStore(database),
            credentials=stored,
            service=service,
            approvals=ApprovalService(
                approvals=SqlApprovalStore(database),
                now=lambda: NOON,
                random_bytes=counted_bytes(),
                lifetime=timedelta(hours=72),
            ),
            numbers=lambda: pytest.fail("an import brings no numbers"),
            now=lambda: NOON,
            random_bytes=drawn,
        ),
        registrations=SqlRegistrationStore(database),
        credentials=stored,
        member=StaffMember(id="ra-1", name="Ra Contoh", role=role, identity_hash="00" * 32),
        note_contact=lambda who, email: contacts.set(who, email, actor="ra-1", at=NOON),
    )


def test_the_same_key_is_the_same_proposal(database: Database) -> None:
    office = register(database)
    first = office.propose(WHO, key="key-1", actor="ra-1")
    assert office.propose(WHO, key="key-1", actor="ra-1") == first
    assert len(SqlKnownOfficials(database).ids()) == 1
    made = SqlRegistrationStore(database).get(first)
    assert made is not None
    assert SqlContacts(database).email_of(made.signatory.id) == "wayan@contoh.go.id"


def test_the_register_knows_who_was_proposed(database: Database) -> None:
    register(database).propose(WHO, key="key-1", actor="ra-1")
    assert SqlKnownOfficials(database).names() == {("I Wayan Contoh", "Pemerintah Provinsi Contoh", "Biro Contoh")}


def test_only_a_registrar_imports(database: Database) -> None:
    with pytest.raises(NotPermitted):
        register(database, Role.APPROVER).propose(WHO, key="key-1", actor="ra-1")


def test_who_has_no_credential_is_not_transferred(database: Database) -> None:
    with pytest.raises(RegistrationRefused) as refused:
        register(database).transfer({"signatory_id": "unknown", "unit": "Biro Baru"}, key="key-1", actor="ra-1")
    assert refused.value.reason == "no-credential"


def test_a_transfer_is_proposed_once_and_keeps_what_it_does_not_change(database: Database) -> None:
    held = credential(make_pki().official)
    SqlCredentialStore(database).add(held, actor="ra-1", at=NOON)
    office = register(database)
    content = {"signatory_id": held.signatory.id, "unit": "Biro Baru"}
    first = office.transfer(content, key="key-2", actor="ra-1")
    assert office.transfer(content, key="key-2", actor="ra-1") == first
    made = SqlRegistrationStore(database).get(first)
    assert made is not None
    assert (made.signatory.name, made.signatory.unit) == (held.signatory.name, "Biro Baru")
    assert made.replaces == held.id
