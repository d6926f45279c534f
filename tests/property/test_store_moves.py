"""Whatever is asked of a certificate, and in which order, it only ever makes moves that exist; and the CRL is exact."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ca.errors import CaError
from ca.model import CertificateState, IssuedCertificate
from store.audit import AuditTrail
from store.certificates import SqlCertificateLog
from store.database import Database, open_database
from tests.support.pki import Pki, make_pki
from tests.unit.store.samples import NOON

CA = "ca-1-g1"
RESERVED, PREPARED, ISSUED, HELD, REVOKED, ABANDONED = CertificateState
MOVES = ("reserve", "prepare", "issue", "abandon", "revoke", "revoke for a reason", "hold", "release", "abandon stale")


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("moves") / "teken.db"
    shutil.copy(sqlite_template, path)
    with open_database(f"sqlite+pysqlite:///{path}", 4) as opened:
        yield opened


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(moves=st.lists(st.sampled_from(MOVES), max_size=14))
def test_no_sequence_of_moves_reaches_a_state_that_the_last_one_does_not_lead_to(
    database: Database, pki: Pki, moves: list[str]
) -> None:
    log = SqlCertificateLog(database)
    holder = pki.official_with(key=pki.official.key)  # the same key, a new serial: each example has its own row
    serial = holder.certificate.serial_number
    prepared = False
    for minute, move in enumerate(moves):
        before = log.find(serial=serial, issuer_id=CA)
        _try(log, move, holder.certificate, NOON + timedelta(minutes=minute))
        after = log.find(serial=serial, issuer_id=CA)
        if before is None:
            assert after is None or (move, after.state) == ("reserve", RESERVED)
        elif after != before:
            assert before.state.may_become(after.state)
        prepared = prepared or (after is not None and after.state is PREPARED)
        _whole(after, prepared)
        listed = serial in {entry.serial for entry in log.revoked(CA)}
        assert listed == (after is not None and after.revoked_at is not None)
    assert AuditTrail(database).verify() is None


def _try(log: SqlCertificateLog, move: str, certificate: x509.Certificate, at: object) -> None:
    name = {"serial": certificate.serial_number, "issuer_id": CA, "at": at}
    revocation = {"invalidity_date": None, "actor": "ra-1"}
    acts: dict[str, Callable[[], object]] = {
        "reserve": lambda: log.reserve(profile="official/1", subject="CN=Contoh", actor="ra-1", **name),
        "prepare": lambda: log.record_intent(tbs=certificate.tbs_certificate_bytes, linters="house 1", **name),
        "issue": lambda: log.record_issued(certificate=certificate, **name),
        "abandon": lambda: log.abandon(why="test", **name),
        "revoke": lambda: log.revoke(reason=None, **revocation, **name),
        "revoke for a reason": lambda: log.revoke(reason=x509.ReasonFlags.superseded, **revocation, **name),
        "hold": lambda: log.hold(actor="ra-1", **name),
        "release": lambda: log.release(actor="ra-2", **name),
        "abandon stale": lambda: log.abandon_stale(before=at, at=at),
    }
    try:
        acts[move]()
    except CaError:
        return  # refused: the caller of this looks whether anything changed


def _whole(row: IssuedCertificate | None, prepared: bool) -> None:
    """What a state promises is there, and nothing that it does not promise."""
    if row is None:
        return
    assert (row.der is not None) == (row.state in (ISSUED, HELD, REVOKED))
    on_the_crl = row.state in (HELD, REVOKED) or (row.state is ABANDONED and prepared)
    assert (row.revoked_at is not None) == on_the_crl
