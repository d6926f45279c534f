"""What features that keep many kinds of records share: their records, and the office's clocks."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from eoffice.compose import Office
from eoffice.model import Record


class FeatureBook:
    """The records of one feature."""

    def __init__(self, office: Office, feature: str) -> None:
        self.office = office
        self.records = office.records
        self._feature = feature
        self._zone = timezone(timedelta(hours=office.settings.utc_offset_hours))

    def local(self, moment: datetime) -> datetime:
        """On the office's clocks."""
        return moment.astimezone(self._zone)

    def today(self) -> date:
        """The office's day."""
        return self.office.today()

    def fresh(
        self,
        kind: str,
        key: str,
        agency_id: str,
        data: Mapping[str, Any],
        *,
        state: str,
        owner: str | None = None,
        day: date | None = None,
    ) -> Record:
        """A record that is not kept yet."""
        at = self.office.now()
        return Record(
            id=self.office.new_id(),
            feature=self._feature,
            kind=kind,
            key=key,
            agency_id=agency_id,
            owner_id=owner,
            day=day,
            state=state,
            data=data,
            created_at=at,
            changed_at=at,
        )
