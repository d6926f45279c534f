"""Seals of organisations: only who was permitted, from where, until when, and so often."""

from datetime import timedelta
from pathlib import Path

import pytest

from signer.batch_model import CHUNK, Batch, BatchState, SealedUnder
from signer.errors import (
    ActivationRefused,
    BatchRefused,
    CredentialUnknown,
    CredentialUnusable,
    QuotaExceeded,
    Refused,
    RegistrationRefused,
)
from signer.model import Credential, CredentialState, OpenKey, Secret, SigningTerms
from signer.people import CertificateQuery, HolderKind, OfficialQuery
from signer.quotas import Limits
from signer.seal_model import LONGEST, MOST_DOCUMENTS, SealPermission
from store.custody import SqlCustodyStore
from store.database import Database
from store.official_certificates import SqlOfficialCertificates
from store.officials import SqlOfficialStore
from tests.support.batches import CLIENT, BatchOffice, letters
from tests.support.databases import execute
from tests.support.signing import CREDENTIAL, SIGNATORY, request

INSIDE, OUTSIDE = "192.0.2.7", "198.51.100.7"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> BatchOffice:
    return BatchOffice(database, tmp_path)


@pytest.fixture
def seal(office: BatchOffice) -> Credential:
    return office.seals.enrol(
        "Segel Dinas Contoh", SIGNATORY.organisation, SIGNATORY.organisation_identifier, actor="administrator-1"
    )


def permitted(office: BatchOffice, seal: Credential, documents: int = 100, hours: int = 24) -> SealPermission:
    return office.seals.activate(seal.id, CLIENT, ["192.0.2.0/24"], documents=documents, life=timedelta(hours=hours))


def filled(
    office: BatchOffice, seal: Credential, permission: SealPermission, count: int, address: str = INSIDE
) -> Batch:
    terms = SigningTerms(credential_id=seal.id, client_id=CLIENT)
    batch = office.service.open(terms, seal=SealedUnder(permission_id=permission.id, address=address))
    for document in letters(count):
        office.service.receive(batch.id, CLIENT, document, terms.letter)
    return office.service.close(batch.id, CLIENT)


def used(url: str) -> object:
    return execute(url, "SELECT used FROM seal_permissions")[0][0]


def test_a_permitted_client_seals_each_document_once(office: BatchOffice, seal: Credential, database_url: str) -> None:
    batch = filled(office, seal, permitted(office, seal), CHUNK + 2)
    for _ in range(2):
        office.seal(batch)
    assert office.counts(batch) == {"finished": CHUNK + 2}
    assert used(database_url) == CHUNK + 2
    assert office.trail.verify() is None
    signed = [path.read_bytes() for path in (office.folder / "vault").glob("??/??/*")]
    assert len(signed) == CHUNK + 2
    label = "Segel elektronik Segel Dinas Contoh"
    assert all(label.encode() in pdf or label.encode("utf-16-be") in pdf for pdf in signed)
    assert not any(b"Tanda tangan elektronik" in pdf for pdf in signed)


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("other-office", INSIDE),
        (CLIENT, OUTSIDE),
        (CLIENT, f"::ffff:{OUTSIDE}"),
        (CLIENT, None),
        (CLIENT, "no address"),
    ],
)
def test_another_client_and_another_network_are_refused(
    office: BatchOffice, seal: Credential, client: str, address: str | None
) -> None:
    permitted(office, seal)
    for inside in (INSIDE, f"::ffff:{INSIDE}"):
        assert office.seals.permission_for(seal.id, CLIENT, inside).client_id == CLIENT
    with pytest.raises(ActivationRefused) as refused:
        office.seals.permission_for(seal.id, client, address)
    assert refused.value.reason == ("seal-network" if client == CLIENT else "seal-not-active")


def test_nothing_is_sealed_beyond_the_count(office: BatchOffice, seal: Credential, database_url: str) -> None:
    batch = filled(office, seal, permitted(office, seal, documents=CHUNK + 3), 2 * CHUNK)
    for _ in range(2):
        office.seal(batch)
    assert office.counts(batch) == {"finished": CHUNK + 3, "failed": CHUNK - 3}
    failed = [(position, why) for position, state, why in office.items(batch) if state.value == "failed"]
    assert failed == [(position, "seal-used-up") for position in range(CHUNK + 3, 2 * CHUNK)]
    assert used(database_url) == CHUNK + 3
    (refused,) = [entry for entry in office.trail.read(limit=1000) if entry.act == "activation.redeem"]
    assert (refused.outcome, refused.reason) == ("refused", "seal-used-up")
    with pytest.raises(ActivationRefused, match="used up"):
        office.seals.permission_for(seal.id, CLIENT, INSIDE)
    with pytest.raises(Refused):
        permitted(office, seal, documents=MOST_DOCUMENTS + 1)


def test_nothing_is_sealed_once_the_day_is_over(office: BatchOffice, seal: Credential) -> None:
    batch = filled(office, seal, permitted(office, seal, hours=24), 1)
    office.desk.clock += LONGEST
    office.seal(batch)
    assert office.items(batch)[0][2] == "seal-expired"
    with pytest.raises(ActivationRefused, match="ended"):
        office.seals.permission_for(seal.id, CLIENT, INSIDE)
    with pytest.raises(Refused):
        permitted(office, seal, hours=25)


def test_nothing_is_sealed_after_it_was_deactivated_in_between(
    office: BatchOffice, seal: Credential, database_url: str
) -> None:
    permission = permitted(office, seal)
    batch = filled(office, seal, permission, CHUNK + 1)
    office.work.seal(batch.id, 0)
    office.seals.deactivate(permission.id)
    office.work.seal(batch.id, 1)
    assert office.counts(batch) == {"finished": CHUNK, "failed": 1}
    assert office.items(batch)[CHUNK][2] == "seal-deactivated"
    with pytest.raises(ActivationRefused):
        office.seals.deactivate(permission.id)
    acts = [entry.act for entry in office.trail.read(limit=1000) if entry.act.startswith("seal.")]
    assert acts == ["seal.activate", "seal.use", "seal.deactivate"]
    again = permitted(office, seal)
    assert office.seals.permission_for(seal.id, CLIENT, INSIDE).id == again.id


def test_a_suspended_seal_seals_nothing(office: BatchOffice, seal: Credential) -> None:
    batch = filled(office, seal, permitted(office, seal), 1)
    office.credentials.set_state(seal.id, CredentialState.SUSPENDED, actor="registrar", at=office.desk.clock)
    office.seal(batch)
    assert office.items(batch)[0][2] == "suspended"


def test_no_passphrase_opens_a_seal_and_guessing_does_not_suspend_it(office: BatchOffice, seal: Credential) -> None:
    for _ in range(12):
        with pytest.raises(CredentialUnusable, match="seal"):
            office.signing.sign(request(credential_id=seal.id, passphrase=Secret("tebakan yang panjang")))
    assert office.credentials.get(seal.id).state is CredentialState.ACTIVE  # type: ignore[union-attr] - it is there


def test_a_persons_credential_is_no_seal_and_a_seals_batch_takes_no_consent(
    office: BatchOffice, seal: Credential
) -> None:
    with pytest.raises(CredentialUnusable):
        office.seals.activate(CREDENTIAL, CLIENT, ["192.0.2.0/24"], documents=1, life=LONGEST)
    person = office.credentials.get(CREDENTIAL)
    assert person is not None
    with pytest.raises(CredentialUnusable):
        office.seals.open(person)
    batch = filled(office, seal, permitted(office, seal), 1)
    with pytest.raises(BatchRefused):
        office.service.consent(batch.id, OpenKey(credential=seal, key=office.seals.open(seal)), CLIENT)


@pytest.mark.parametrize("network", ["192.0.2.1/24", "anywhere", ""])
def test_a_network_is_written_exactly(office: BatchOffice, seal: Credential, network: str) -> None:
    with pytest.raises(Refused, match="networks"):
        office.seals.activate(seal.id, CLIENT, [network], documents=1, life=LONGEST)


def test_what_a_killed_job_left_reserved_is_sealed_without_being_counted_again(
    office: BatchOffice, seal: Credential, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    batch = filled(office, seal, permitted(office, seal, documents=3), 3)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as killed:
        killed.setattr(office.store, "signed", die)
        with pytest.raises(SystemExit):
            office.seal(batch)
    office.seal(batch)
    assert office.counts(batch) == {"finished": 3}
    assert used(database_url) == 3


def test_what_a_killed_job_left_reserved_is_not_sealed_once_it_was_deactivated(
    office: BatchOffice, seal: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    permission = permitted(office, seal)
    batch = filled(office, seal, permission, 3)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as killed:
        killed.setattr(office.store, "signed", die)
        with pytest.raises(SystemExit):
            office.seal(batch)
    office.seals.deactivate(permission.id)
    office.seal(batch)
    assert office.counts(batch) == {"failed": 3}
    assert {why for _, _, why in office.items(batch)} == {"seal-deactivated"}
    items = office.store.items(batch.id, state=None, after=-1, limit=3)
    records = [office.log.find(item.code.token) for item in items if item.code is not None]
    assert [record.outcome.failure for record in records if record is not None and record.outcome is not None] == [
        "seal-deactivated"
    ] * 3


def test_the_job_asks_from_where_the_batch_came(office: BatchOffice, seal: Credential, database_url: str) -> None:
    batch = filled(office, seal, permitted(office, seal), 2, address=OUTSIDE)
    office.seal(batch)
    assert {why for _, _, why in office.items(batch)} == {"seal-network"}
    assert used(database_url) == 0
    assert not list((office.folder / "vault").glob("??/??/*"))


def test_tried_again_it_is_sealed_under_the_next_permission(
    office: BatchOffice, seal: Credential, database_url: str
) -> None:
    batch = filled(office, seal, permitted(office, seal, documents=2), 3)
    office.seal(batch)
    assert office.counts(batch) == {"finished": 2, "failed": 1}
    office.desk.clock += timedelta(minutes=1)
    following = permitted(office, seal, documents=5)
    office.service.retry(batch.id, CLIENT, seal=SealedUnder(permission_id=following.id, address=INSIDE))
    office.seal(batch)
    assert office.counts(batch) == {"finished": 3}
    assert execute(database_url, "SELECT used FROM seal_permissions ORDER BY granted_at") == [(2,), (1,)]


def test_a_renewed_seal_has_a_new_key_and_the_old_one_is_retired(office: BatchOffice, seal: Credential) -> None:
    permitted(office, seal)
    renewed = office.seals.renew(seal.id, actor="administrator-1")
    assert renewed.signatory == seal.signatory
    assert (renewed.id, renewed.key.public_key) != (seal.id, seal.key.public_key)
    old = office.seals.get(seal.id)
    assert (old.state, old.key.sealed) == (CredentialState.RETIRED, b"")
    with pytest.raises(CredentialUnusable):
        office.seals.permission_for(seal.id, CLIENT, INSIDE)
    with pytest.raises(ActivationRefused, match="not active for you"):
        office.seals.permission_for(renewed.id, CLIENT, INSIDE)
    with pytest.raises(CredentialUnusable):
        permitted(office, old)
    with pytest.raises(CredentialUnusable):
        office.seals.renew(seal.id, actor="administrator-1")
    batch = filled(office, renewed, permitted(office, renewed), 2)
    office.seal(batch)
    assert office.counts(batch) == {"finished": 2}


def test_a_person_is_never_renewed_as_a_seal_and_no_seal_by_a_persons_link(office: BatchOffice) -> None:
    with pytest.raises(CredentialUnknown):
        office.seals.renew(CREDENTIAL, actor="administrator-1")
    with pytest.raises(CredentialUnknown):
        office.seals.permissions(CREDENTIAL)


@pytest.mark.parametrize("name", ["Segel 0000000000000000", "Segel\u202e", "", "S" * 65, " Segel"])
def test_a_seals_name_is_one_that_a_certificate_takes(office: BatchOffice, name: str) -> None:
    with pytest.raises(RegistrationRefused):
        office.seals.enrol(name, SIGNATORY.organisation, SIGNATORY.organisation_identifier, actor="administrator-1")
    assert office.seals.all() == ()


def test_seals_are_told_apart_from_officials(office: BatchOffice, database: Database, seal: Credential) -> None:
    officials, certificates, at = SqlOfficialStore(database), SqlOfficialCertificates(database), office.desk.clock

    def found(kind: HolderKind | None) -> list[bool]:
        people = [each.signatory.is_seal for each in officials.search(OfficialQuery(kind=kind), at=at)]
        listed = certificates.search(CertificateQuery(kind=kind), at=at)
        assert sorted(people) == sorted(each.signatory.is_seal for each in listed)
        return sorted(people)

    assert found(HolderKind.OFFICIAL) == [False]
    assert found(HolderKind.SEAL) == [True]
    assert found(None) == [False, True]
    assert [each.id for each in office.seals.all()] == [seal.id]


def test_an_older_kek_is_left_without_anybody_typing_anything(
    office: BatchOffice, database: Database, seal: Credential
) -> None:
    others = [
        office.seals.enrol(f"Segel {word}", SIGNATORY.organisation, SIGNATORY.organisation_identifier, actor="a")
        for word in ("dua", "tiga")
    ]
    office.credentials.set_state(others[1].id, CredentialState.SUSPENDED, actor="registrar", at=office.desk.clock)
    office.desk.software.kek_label = "memory-2"
    assert office.seals.move_to_newest() == 2
    assert office.seals.move_to_newest() == 0
    assert {each.id: each.key.kek_label for each in office.seals.all()} == {
        seal.id: "memory-2",
        others[0].id: "memory-2",
        others[1].id: "memory",
    }
    office.credentials.set_state(others[1].id, CredentialState.ACTIVE, actor="registrar", at=office.desk.clock)
    assert office.seals.move_to_newest() == 1
    assert SqlCustodyStore(database).named_by()["memory-2"] == 3
    batch = filled(office, seal, permitted(office, seal), 1)
    office.seal(batch)
    assert office.counts(batch) == {"finished": 1}


def test_a_seals_documents_count_in_the_quotas_when_its_batch_is_closed(
    database: Database, tmp_path: Path, database_url: str
) -> None:
    office = BatchOffice(database, tmp_path, most=Limits(per_minute=2))
    names = SIGNATORY.organisation, SIGNATORY.organisation_identifier
    seal = office.seals.enrol("Segel Dinas Contoh", *names, actor="administrator-1")
    permission = permitted(office, seal)
    assert filled(office, seal, permission, 2).state is BatchState.CLOSED
    with pytest.raises(QuotaExceeded):
        filled(office, seal, permission, 1)
    assert used(database_url) == 0
