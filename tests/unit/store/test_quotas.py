"""Quotas are counted in the database, so several processes agree, and a full one costs nobody an attempt."""

from datetime import timedelta

import pytest

from signer.errors import QuotaExceeded
from signer.quotas import Limits, Quotas, day_of, minute_of
from store.audit import AuditTrail
from store.database import Database
from store.quotas import SqlQuotas
from tests.unit.store.samples import NOON, together


@pytest.fixture
def store(database: Database) -> SqlQuotas:
    return SqlQuotas(database)


def quotas(store: SqlQuotas, minutes: float = 0, **limits: Limits) -> Quotas:
    given = {"client": Limits(), "credential": Limits()} | limits
    return Quotas(store, now=lambda: NOON + timedelta(minutes=minutes), **given)


def sign(counted: Quotas, *, client: str = "e-office", credential: str = "c1", documents: int = 1) -> None:
    counted.count(client_id=client, credential_id=credential, documents=documents)


def test_without_limits_nothing_is_counted(store: SqlQuotas) -> None:
    sign(quotas(store))
    assert store.used("client:e-office", minute_of(NOON)) == 0


def test_a_full_minute_says_when_the_next_one_begins(store: SqlQuotas) -> None:
    counted = quotas(store, 0.5, client=Limits(per_minute=2))
    sign(counted)
    sign(counted, credential="c2")
    with pytest.raises(QuotaExceeded) as full:
        sign(counted)
    assert (full.value.field, full.value.reason) == ("client", "quota-minute")
    assert full.value.until == NOON + timedelta(minutes=1)
    sign(counted, client="permits")
    sign(quotas(store, 1, client=Limits(per_minute=2)))


def test_a_day_bounds_a_credential_whichever_client_asks(store: SqlQuotas) -> None:
    counted = quotas(store, credential=Limits(per_day=1))
    sign(counted)
    with pytest.raises(QuotaExceeded) as full:
        sign(counted, client="permits")
    assert (full.value.field, full.value.reason) == ("credential", "quota-day")


def test_of_sixteen_at_once_exactly_as_many_as_the_quota_get_in(store: SqlQuotas) -> None:
    counted = quotas(store, client=Limits(per_minute=5))
    outcomes = together(16, lambda _: sign(counted))
    assert outcomes.count(None) == 5
    assert sum(isinstance(each, QuotaExceeded) for each in outcomes) == 11
    assert store.used("client:e-office", minute_of(NOON)) == 5


def test_what_was_decided_for_one_goes_before_the_settings_and_is_audited(store: SqlQuotas, database: Database) -> None:
    store.set_limits("client:e-office", Limits(per_day=0), actor="admin", at=NOON)
    with pytest.raises(QuotaExceeded):
        sign(quotas(store))
    store.set_limits("client:e-office", None, actor="admin", at=NOON)
    sign(quotas(store))
    assert [each.act for each in AuditTrail(database).read()] == ["quota.set", "quota.set"]


def test_old_windows_are_forgotten(store: SqlQuotas) -> None:
    sign(quotas(store, client=Limits(per_minute=9, per_day=9)))
    assert store.purge(NOON + timedelta(days=2)) == 2
    assert store.used("client:e-office", day_of(NOON)) == 0


def test_many_documents_are_counted_together_or_not_at_all(store: SqlQuotas) -> None:
    counted = quotas(store, client=Limits(per_minute=100), credential=Limits(per_day=50))
    sign(counted, documents=30)
    with pytest.raises(QuotaExceeded) as full:
        sign(counted, documents=30)
    assert (full.value.field, full.value.reason) == ("credential", "quota-day")
    assert store.used("client:e-office", minute_of(NOON)) == 30  # what was refused is counted nowhere
    sign(counted, documents=20)
    assert store.used("credential:c1", day_of(NOON)) == 50


def test_of_many_batches_at_once_only_whole_ones_get_in(store: SqlQuotas) -> None:
    counted = quotas(store, client=Limits(per_minute=50), credential=Limits(per_minute=60))
    outcomes = together(16, lambda number: sign(counted, credential=f"c{number % 3}", documents=20))
    assert outcomes.count(None) == 2
    assert sum(isinstance(each, QuotaExceeded) for each in outcomes) == 14
    assert store.used("client:e-office", minute_of(NOON)) == 40
