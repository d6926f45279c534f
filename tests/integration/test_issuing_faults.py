"""Storage fails at each numbered step of issuing, on purpose, over the real database."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ca.ceremony import ISSUING_CA_ID
from ca.csr import request_for
from ca.errors import LintObjected
from ca.issuance import IssuanceService
from ca.lints import CERTIFICATE_LINTS, Candidate, Finding
from ca.model import CertificateState
from ca.profiles import OFFICIAL
from store.audit import AuditTrail
from store.certificates import SqlCertificateLog
from store.database import Database
from store.errors import DatabaseUnavailable
from tests.support.ca_hierarchy import PERSON, World, new_world
from tests.support.ca_keys import RemoteKey
from tests.support.databases import execute

RESERVE, PREPARE, ISSUE, ABANDON = (f"certificate.{act}" for act in ("reserve", "prepare", "issue", "abandon"))


@dataclass(frozen=True)
class Failing:
    """A certificate log whose database goes away at one of its methods, before the commit or after it."""

    log: SqlCertificateLog
    at: str
    committed: bool

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self.log, name)
        if name != self.at:
            return method

        def fails(*positional: object, **named: object) -> None:
            if self.committed:
                method(*positional, **named)
            raise DatabaseUnavailable("gone, on purpose")

        return fails


def objecting(_: Candidate) -> tuple[Finding, ...]:
    return (Finding(code="test.always", detail="on purpose"),)


@pytest.fixture
def world(database: Database) -> World:
    return replace(new_world(), log=SqlCertificateLog(database))  # type: ignore[arg-type] - the port's other keeper


def issue(service: IssuanceService) -> x509.Certificate:
    csr = request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name)
    return service.issue(csr, PERSON, OFFICIAL, "officer-1")


def explained(world: World, database: Database, url: str) -> tuple[str | None, tuple[str, ...], bool]:
    """State of the one row, acts in the trail, and whether it stands on the CRL: eleven minutes later."""
    world.clock.advance(minutes=11)
    world.issuance().reconcile()
    assert AuditTrail(database).verify() is None
    states = [state for (state,) in execute(url, "SELECT state FROM certificates")]
    assert len(states) <= 1
    acts = tuple(entry.act for entry in AuditTrail(database).read())
    return (states[0] if states else None), acts, bool(list(world.log.revoked(ISSUING_CA_ID)))


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Where storage fails, and the row, the trail, the CRL and the CA key's work that must be found afterwards."""

    step: str
    committed: bool = False
    state: str | None
    acts: tuple[str, ...]
    signed: int = 0
    on_crl: bool = False

    def __str__(self) -> str:
        return f"{self.step}, {'committed' if self.committed else 'not committed'}"


FAULTS = (
    Fault(step="is_key_known", state=None, acts=()),
    Fault(step="reserve", state=None, acts=()),
    Fault(step="reserve", committed=True, state="abandoned", acts=(RESERVE, ABANDON)),
    Fault(step="record_intent", state="abandoned", acts=(RESERVE, ABANDON)),
    Fault(step="record_intent", committed=True, state="abandoned", acts=(RESERVE, PREPARE, ABANDON), on_crl=True),
    Fault(step="record_issued", state="abandoned", acts=(RESERVE, PREPARE, ABANDON), signed=1, on_crl=True),
    Fault(step="record_issued", committed=True, state="issued", acts=(RESERVE, PREPARE, ISSUE), signed=1),
)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_storage_that_fails_at_a_step_leaves_what_the_table_says(
    world: World, database: Database, database_url: str, fault: Fault
) -> None:
    key = RemoteKey(world.keys[ISSUING_CA_ID])
    log = Failing(world.log, fault.step, fault.committed)
    failing = replace(world, log=log)  # type: ignore[arg-type] - fails on purpose
    with pytest.raises(DatabaseUnavailable):
        issue(failing.issuance(issuer=world.issuer(key)))
    assert explained(world, database, database_url) == (fault.state, fault.acts, fault.on_crl)
    assert key.signatures == fault.signed


@pytest.mark.parametrize("committed", [False, True])
def test_storage_that_fails_while_a_refused_one_is_abandoned_burns_the_serial_all_the_same(
    world: World, database: Database, database_url: str, committed: bool
) -> None:
    key = RemoteKey(world.keys[ISSUING_CA_ID])
    failing = replace(world, log=Failing(world.log, "abandon", committed))  # type: ignore[arg-type] - fails on purpose
    with pytest.raises(DatabaseUnavailable) as failed:
        issue(failing.issuance(issuer=world.issuer(key), lints=[*CERTIFICATE_LINTS, objecting]))
    assert isinstance(failed.value.__context__, LintObjected)
    assert explained(world, database, database_url) == ("abandoned", (RESERVE, ABANDON), False)
    assert key.signatures == 0


def test_answers_that_cannot_be_stored_do_not_lose_the_certificate(
    world: World, database: Database, database_url: str
) -> None:
    def fails(_: int) -> None:
        raise DatabaseUnavailable("gone, on purpose")

    service = world.issuance()
    service._publish_status = fails
    certificate = issue(service)
    row = world.log.find(serial=certificate.serial_number, issuer_id=ISSUING_CA_ID)
    assert row is not None
    assert row.state is CertificateState.ISSUED
    assert explained(world, database, database_url) == ("issued", (RESERVE, PREPARE, ISSUE), False)
