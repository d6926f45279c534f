"""Events, built once from the settings: what runs by the clock."""

from datetime import timedelta

from api.given import Now
from api.jobs import Job
from api.settings import Settings
from signer.appointments import OFFICE_CLOCK
from store.database import Database
from store.events import SqlEvents
from store.expiries import LOOK_BACK, SqlExpiries


def event_jobs(settings: Settings, database: Database, now: Now) -> tuple[Job, ...]:
    """What time alone has ended is told; old events are forgotten."""
    events, expiries, kept = SqlEvents(database), SqlExpiries(database), timedelta(days=settings.events.keep_days)

    def tell() -> int:
        at = now()
        return expiries.tell(today=at.astimezone(OFFICE_CLOCK).date(), at=at)

    def forget() -> int:
        at = now()
        return events.purge(before=at - kept) + expiries.purge(before=at - 2 * LOOK_BACK)

    return (
        Job(name="ended-by-time", every=timedelta(minutes=1), run=tell),
        Job(name="old-events", every=timedelta(hours=1), run=forget),
    )
