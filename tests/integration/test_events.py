"""Events of what takes several steps: batches and documents of several officials, over real stores."""

from pathlib import Path

import pytest

from signer.events import EventType
from signer.workflow import Flows
from store.database import Database
from store.events import SqlEvents
from tests.integration.test_flows import IN_ORDER, create, desk, flows, sign, state
from tests.support.batches import CLIENT, BatchOffice, letters

__all__ = ["desk", "flows"]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> BatchOffice:
    return BatchOffice(database, tmp_path)


def told(database: Database, client: str = CLIENT) -> list[str]:
    return [each.type.value for each in SqlEvents(database).page(client, after=None, types=(), limit=200)]


def test_a_batch_tells_its_end_once_after_its_last_document(office: BatchOffice, database: Database) -> None:
    batch = office.filled([*letters(2), b"%PDF-1.7 broken"])
    office.prepare(batch)
    assert told(database) == ["batch.item-failed"]
    office.consent(batch)
    office.finish(batch)
    office.finish(batch)
    assert told(database) == ["batch.item-failed", "signature.signed", "signature.signed", "batch.finished"]
    events = SqlEvents(database).page(CLIENT, after=None, types=(EventType.BATCH_FINISHED,), limit=10)
    assert [(each.subject, each.data) for each in events] == [(batch.id, {"finished": 2, "failed": 1})]


def test_a_batch_of_which_all_fails_has_its_end_as_well(office: BatchOffice, database: Database) -> None:
    batch = office.filled([b"%PDF-1.7 broken", b"%PDF-1.7 broken too"])
    office.prepare(batch)
    assert told(database) == ["batch.item-failed", "batch.item-failed", "batch.finished"]


def test_a_cancelled_batch_tells_it_and_has_no_other_end(office: BatchOffice, database: Database) -> None:
    batch = office.filled(letters(2))
    office.prepare(batch)
    office.service.cancel(batch.id, CLIENT)
    assert told(database) == ["batch.cancelled"]


def test_a_document_of_several_tells_each_step_and_its_end(flows: Flows, database: Database) -> None:
    standing = create(flows, *IN_ORDER)
    for number, (who, _, _) in enumerate(IN_ORDER, start=1):
        sign(flows, standing, number, who)
    client = standing.flow.client_id
    step = ["signature.signed", "flow.step-done"]
    assert told(database, client) == [*step, *step, *step, "flow.finished"]
    steps = SqlEvents(database).page(client, after=None, types=(EventType.FLOW_STEP_DONE,), limit=10)
    assert [(each.subject, each.data["step"]) for each in steps] == [(standing.flow.id, number) for number in (1, 2, 3)]


def test_a_cancelled_document_tells_it(flows: Flows, database: Database) -> None:
    standing = create(flows, *IN_ORDER)
    flows.cancel(state(flows, standing), actor="e-office")
    assert told(database, standing.flow.client_id) == ["flow.cancelled"]
