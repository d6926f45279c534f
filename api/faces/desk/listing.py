"""The list of what waits, as a page shows it: searched and filtered by the address, in parts, each line in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from api.pages.moments import in_words
from api.pages.text import Text
from signer.appointments import acting_form
from signer.model import SigningAct, Urgency
from signer.waiting import Waiting, WaitingItem, WaitingKey, WaitingKind

EACH_PAGE: Final = 50
"""Lines of one part of the list."""
_LONGEST: Final = 200
"""Characters of a filter; what is longer finds nothing anyway."""
URGENCIES: Final = {
    Urgency.SEGERA: Text("Segera", "Urgent"),
    Urgency.SANGAT_SEGERA: Text("Sangat segera", "Very urgent"),
}
_ACTS: Final = {
    SigningAct.SIGNATURE: Text("Tanda tangan", "Signature"),
    SigningAct.INITIALS: Text("Paraf", "Initials"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address asks for; empty means everything."""

    q: str = ""
    """In name, number or the application's name."""
    whose: str = ""
    """`own`: in the official's own post; `acting`: as Plt., Plh., Pj., Pjs. or on somebody's behalf."""
    urgent: str = ""
    client: str = ""
    kind: str = ""
    """Of the letter, in the application's words."""
    act: str = ""
    after: str = ""
    """The key of the last line of the part before."""
    look: str = ""
    """The key of the line whose documents stand beside the list."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """From an address; what is not known is left out."""
        return cls(**{each.name: query.get(each.name, "")[:_LONGEST] for each in fields(cls)})

    def address(self, path: str, **changed: str) -> str:
        """`path` with these filters, some of them changed."""
        asked = {each.name: getattr(self, each.name) for each in fields(self)} | changed
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{path}?{query}" if query else path

    @property
    def narrowed(self) -> bool:
        """Whether something is left out."""
        return any((self.q, self.whose, self.urgent, self.client, self.kind, self.act))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that waits, in words."""

    key: str
    name: str
    number: str | None
    client: str
    kind: str | None
    urgency: Text | None
    """`None` for an ordinary one."""
    act: Text
    acting: str | None
    """In whose stead, where it is not in the official's own post."""
    documents: int
    preparing: int
    until: Text | None
    since: Text
    request: str | None
    """Its id, where it is a request already."""
    opens: str
    """Where the form goes that asks for it, where it is none yet."""
    hands_over: str | None
    """Where a step is handed to who acts in its office."""

    @property
    def ready(self) -> bool:
        """Whether it can be opened now."""
        return not self.preparing


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One part of the list, and what the filters may be set to."""

    lines: tuple[Line, ...]
    found: int
    """Lines of all parts."""
    total: int
    """Without any filter."""
    urgent: int
    """Of all of them, so many are urgent."""
    clients: tuple[tuple[str, str], ...]
    """Value and words of each choice."""
    kinds: tuple[tuple[str, str], ...]
    next: str | None
    """The key behind which the next part begins."""


def listing(
    waiting: Waiting,
    filters: Filters,
    *,
    client_name: Callable[[str], str],
    utc_offset_hours: int,
    most: int | None = EACH_PAGE,
) -> Listing:
    """What of `waiting` the filters leave, in its order; `most`: lines of one part, `None` for all in one."""
    clients = {each.client_id: client_name(each.client_id) for each in waiting.items}
    found = [each for each in waiting.items if _wanted(each, filters, clients[each.client_id])]
    start = next((place for place, each in enumerate(found, start=1) if each.key.text == filters.after), 0)
    part = found[start : None if most is None else start + most]
    return Listing(
        lines=tuple(_line(each, clients[each.client_id], utc_offset_hours) for each in part),
        found=len(found),
        total=waiting.count,
        urgent=sum(each.urgency is not Urgency.BIASA for each in waiting.items),
        clients=tuple(sorted(clients.items(), key=lambda each: each[1].casefold())),
        kinds=_known(each.letter.kind for each in waiting.items),
        next=part[-1].key.text if start + len(part) < len(found) else None,
    )


def is_acting(item: WaitingItem) -> bool:
    """Whether it is signed in another post than the official's own, or on somebody's behalf."""
    return bool(item.signed_as.on_behalf)


def _wanted(item: WaitingItem, filters: Filters, client: str) -> bool:
    text = " ".join(filter(None, (item.name, item.letter.number, item.letter.subject, client))).casefold()
    return (
        filters.q.strip().casefold() in text
        and (not filters.whose or is_acting(item) is (filters.whose == "acting"))
        and (not filters.urgent or item.urgency is not Urgency.BIASA)
        and filters.client in ("", item.client_id)
        and filters.kind in ("", item.letter.kind)
        and filters.act in ("", item.act.value)
    )


def _line(item: WaitingItem, client: str, utc_offset_hours: int) -> Line:
    def told(moment: datetime | None) -> Text | None:
        return None if moment is None else in_words(moment, utc_offset_hours=utc_offset_hours)

    return Line(
        key=item.key.text,
        name=item.name or "Surat",
        number=item.letter.number if item.letter.number != item.name else None,
        client=client,
        kind=item.letter.kind,
        urgency=URGENCIES.get(item.urgency),
        act=_ACTS[item.act],
        acting=_stead(item),
        documents=item.documents,
        preparing=item.preparing,
        until=told(item.until),
        since=in_words(item.since, utc_offset_hours=utc_offset_hours),
        request=item.key.id if item.key.kind is WaitingKind.REQUEST else None,
        opens=_opens(item.key),
        hands_over=f"{_opens(item.key)}/hand-over" if item.key.kind is WaitingKind.STEP else None,
    )


def _opens(key: WaitingKey) -> str:
    step = key.kind is WaitingKind.STEP
    return f"/desk/documents/{key.id}/{key.number}" if step else f"/desk/batches/{key.id}"


def _stead(item: WaitingItem) -> str | None:
    """`Plt. Kepala Dinas Contoh`; of what is signed on somebody's behalf the words as they are printed."""
    if not is_acting(item):
        return None
    form = acting_form(item.signed_as.on_behalf)
    before = f"{form.value.capitalize()}." if form is not None else item.signed_as.on_behalf or ""
    return f"{before} {item.signed_as.office or ''}".strip()


def _known(texts: Iterable[str | None]) -> tuple[tuple[str, str], ...]:
    return tuple((each, each) for each in sorted({each for each in texts if each}, key=str.casefold))
