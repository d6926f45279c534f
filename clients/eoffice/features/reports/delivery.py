"""From the last signature to the reader's list: each report once for every period, with Teken's verdict beside it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from teken.types import Indication

from eoffice.features.reports import obligations as o
from eoffice.features.reports.periods import period_of
from eoffice.features.reports.reminders import settle
from eoffice.features.reports.sheets import word_of
from eoffice.model import Paper, PaperState, Record
from eoffice.words import moment

if TYPE_CHECKING:
    from eoffice.compose import Office

FRESH: Final = timedelta(hours=20)
"""How long a verdict counts as today's."""


def on_paper(office: "Office", paper: Paper) -> None:
    """Deliver what is signed; take back what is withdrawn. May come twice for the same."""
    if paper.state is PaperState.WITHDRAWN:
        for record in office.records.of_paper(paper.id):
            office.records.change(record.id, version=record.version, state=o.WITHDRAWN, at=office.now())
    if paper.state is PaperState.SIGNED:
        word = word_of(paper.form)
        for obligation in owed(office, paper.agency_id):
            if obligation.kind == paper.kind:
                _deliver(office, obligation, word, paper)


def owed(office: "Office", agency_id: str) -> list[o.Obligation]:
    """What this agency has to report."""
    asked = office.records.listed(o.FEATURE, o.OBLIGATION, state=o.ASKED, limit=o.MOST_OBLIGATIONS)
    return [each for each in map(o.obligation_of, asked) if each.agency_id == agency_id]


def rows_of(office: "Office", obligations: list[o.Obligation]) -> list[o.Row]:
    """The list of these, as it stands today."""
    since = min((each.since for each in obligations), default=office.today())
    came = [
        record
        for reader in sorted({each.reader_id for each in obligations})
        for record in office.records.listed(
            o.FEATURE, o.DELIVERY, agency_id=reader, since=since, limit=o.MOST_DELIVERIES
        )
    ]
    return o.rows_of(obligations, came, today=office.today())


def check(office: "Office", record: Record) -> Record:
    """Ask Teken again how the report stands. Raises what the client raises, and `Outdated`."""
    signed = office.papers.get(record.paper_id or "").signed
    data = {**record.data, "verdict": _verdict(office, signed or "")}
    return office.records.change(record.id, version=record.version, data=data, at=office.now())


def check_all(office: "Office") -> None:
    """Every report that is on a list, once a day: what was good may have been revoked. Whoever is interrupted begins
    where it stopped."""
    for record in office.records.listed(o.FEATURE, o.DELIVERY, state=o.DELIVERED, limit=o.MOST_DELIVERIES):
        if moment(record.data["verdict"]["at"]) <= office.now() - FRESH:
            check(office, record)


def catch_up(office: "Office") -> None:
    """Deliver what was signed before somebody asked for it."""
    for obligation, paper in undelivered(office):
        _deliver(office, obligation, word_of(paper.form), paper)


def undelivered(office: "Office") -> list[tuple[o.Obligation, Paper]]:
    """Signed reports that belong on a list and are on none, out of each agency's newest ones."""
    asked = office.records.listed(o.FEATURE, o.OBLIGATION, state=o.ASKED, limit=o.MOST_OBLIGATIONS)
    obligations = [o.obligation_of(each) for each in asked]
    signed = {
        agency_id: office.papers.page(agency_id=agency_id, feature=o.FEATURE, states=(PaperState.SIGNED,))
        for agency_id in sorted({each.agency_id for each in obligations})
    }
    return [
        (each, paper)
        for each in obligations
        for paper in signed[each.agency_id]
        if paper.kind == each.kind and period_of(word_of(paper.form)).last >= each.since
        if office.records.by_key(o.FEATURE, o.DELIVERY, o.key_of(each, word_of(paper.form))) is None
    ]


def _deliver(office: "Office", obligation: o.Obligation, word: str, paper: Paper) -> None:
    record = Record(
        id=office.new_id(),
        feature=o.FEATURE,
        kind=o.DELIVERY,
        key=o.key_of(obligation, word),
        agency_id=obligation.reader_id,
        state=o.DELIVERED,
        day=office.today(),
        paper_id=paper.id,
        data={
            "period": word,
            "kind": paper.kind,
            "number": paper.number,
            "subject": paper.subject,
            "from": paper.agency_id,
            "on": office.today().isoformat(),
            "verdict": _verdict(office, paper.signed or ""),
        },
        created_at=office.now(),
        changed_at=office.now(),
    )
    kept, new = office.records.add_once(record)
    if not new and kept.paper_id != paper.id and _is_newer(office, paper, kept):
        office.records.change(
            kept.id, version=kept.version, state=o.DELIVERED, data=record.data, paper_id=paper.id, at=office.now()
        )
    settle(office, record.key)


def _is_newer(office: "Office", paper: Paper, kept: Record) -> bool:
    """Whether of two reports on the same period this one counts."""
    return kept.state == o.WITHDRAWN or office.papers.get(kept.paper_id or "").created_at < paper.created_at


def _verdict(office: "Office", sha256: str) -> Mapping[str, Any]:
    """What Teken says of these bytes, in the words of its public page."""
    said = office.teken.verifications.by_digest(sha256)
    return {
        "state": str(said.verdict.state),
        "headline_id": said.verdict.headline.id,
        "headline_en": said.verdict.headline.en,
        "passed": said.indication is Indication.TOTAL_PASSED,
        "relation": str(said.register.relation),
        "at": office.now().isoformat(),
    }
