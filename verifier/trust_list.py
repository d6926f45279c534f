"""Trust lists of ETSI TS 119 612: XML in, anchors with their times out. Pure: nothing is fetched and no link followed.

The list's own XML signature is not checked here, because no library for it is in the lock: whoever imports a list pins
the SHA-256 of the file, which its publisher states or which was checked with another program.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from verifier.errors import AnchorRefused
from verifier.model import TrustAnchorEntry
from verifier.safe_xml import read_xml
from verifier.trust_files import NewAnchor, read_certificate

MAX_BYTES: Final = 32 * 1024 * 1024
"""The largest list in use has less than half of it."""
MAX_SERVICES: Final = 20_000
MAX_HISTORY: Final = 200

_TSL: Final = "{http://uri.etsi.org/02231/v2#}"
_TYPES: Final = "http://uri.etsi.org/TrstSvc/Svctype/"
_PURPOSES: Final = {f"{_TYPES}CA/QC": "signature", f"{_TYPES}TSA/QTST": "timestamp"}
_STATUS: Final = "Svcstatus/"
_ACCEPTED: Final = frozenset({"granted", "undersupervision", "supervisionincessation", "accredited"})
"""TS 119 612, 5.5.4 and annex D: today's word, and those of before July 2016."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """What one list says, as far as it concerns us."""

    territory: str
    operator: str
    sequence: int
    issued_at: datetime
    next_update: datetime | None
    anchors: tuple[NewAnchor, ...]
    left_out: int
    """Services of other types, and such whose certificate cannot be read."""


def read_trust_list(xml: bytes, *, certified: bool) -> TrustList:
    """Parse one list. `certified`: whether signatures under it count as *tersertifikasi*. Raises `AnchorRefused`.

    A service becomes one anchor for each time during which it was granted; one that is over is historical.
    """
    root = _root(xml)
    scheme = _child(root, "SchemeInformation")
    territory, sequence = _text(scheme, "SchemeTerritory"), _number(_text(scheme, "TSLSequenceNumber"))
    source = f"ETSI TS 119 612 list of {territory}, number {sequence}"
    anchors: list[NewAnchor] = []
    left_out = 0
    names: set[str] = set()
    for provider, service in _services(root):
        found = _anchors(provider, service, source=source, certified=certified, names=names)
        anchors += found
        left_out += not found
    return TrustList(
        territory=territory,
        operator=_name(scheme, "SchemeOperatorName"),
        sequence=sequence,
        issued_at=_moment(_text(scheme, "ListIssueDateTime")),
        next_update=_next_update(scheme),
        anchors=tuple(anchors),
        left_out=left_out,
    )


def _root(xml: bytes) -> Element:
    if len(xml) > MAX_BYTES:
        raise _refused(f"the list is larger than {MAX_BYTES} bytes")
    try:
        root = read_xml(xml)
    except (ParseError, ValueError) as error:
        raise _refused(f"the list is not plain XML: {error}") from None
    if root.tag != f"{_TSL}TrustServiceStatusList":
        raise _refused("the file is not a trust list of ETSI TS 119 612")
    return root


def _services(root: Element) -> Iterator[tuple[str, Element]]:
    count = 0
    for provider in root.iterfind(f"{_TSL}TrustServiceProviderList/{_TSL}TrustServiceProvider"):
        name = _name(_child(provider, "TSPInformation"), "TSPName")
        for service in provider.iterfind(f"{_TSL}TSPServices/{_TSL}TSPService"):
            count += 1
            if count > MAX_SERVICES:
                raise _refused(f"the list has more than {MAX_SERVICES} services")
            yield name, service


def _anchors(provider: str, service: Element, *, source: str, certified: bool, names: set[str]) -> list[NewAnchor]:
    """None where the service is of no use here."""
    current = _child(service, "ServiceInformation")
    certificate = _certificate(current)
    if certificate is None:
        return []
    found = []
    for purpose, start, end in _granted(service, current):
        name = _unique(f"{provider}: {_name(current, 'ServiceName')}", names)
        entry = TrustAnchorEntry(
            name=name,
            certificate=certificate,
            certified=certified,
            purposes=frozenset({purpose}),
            valid_from=start,
            valid_until=end,
            historical=end is not None,
        )
        found.append(NewAnchor(entry=entry, source=source))
    return found


def _granted(service: Element, current: Element) -> Iterator[tuple[str, datetime, datetime | None]]:
    """Purpose, beginning and end of each time during which the service was granted (TS 119 612, 5.5.4 to 5.6)."""
    past = service.findall(f"{_TSL}ServiceHistory/{_TSL}ServiceHistoryInstance")
    if len(past) > MAX_HISTORY:
        raise _refused(f"a service has more than {MAX_HISTORY} entries of history")
    states = sorted(
        (_moment(_text(each, "StatusStartingTime")), _purpose(each), _is_accepted(each)) for each in (current, *past)
    )
    began: datetime | None = None
    for index, (start, purpose, accepted) in enumerate(states):
        if not purpose or not accepted:
            continue
        began = began or start
        after = states[index + 1] if index + 1 < len(states) else None
        if after is not None and after[2] and after[1] == purpose:
            continue  # another word for the same: the time goes on
        yield purpose, began, after[0] if after is not None else None
        began = None


def _purpose(state: Element) -> str:
    """Empty for services of no use here."""
    return _PURPOSES.get(_text(state, "ServiceTypeIdentifier"), "")


def _is_accepted(state: Element) -> bool:
    uri = _text(state, "ServiceStatus")
    return _STATUS in uri and uri.rpartition("/")[2] in _ACCEPTED


def _certificate(state: Element) -> bytes | None:
    """The first certificate of the service's identity; `None` where there is none that can be read."""
    path = f"{_TSL}ServiceDigitalIdentity/{_TSL}DigitalId/{_TSL}X509Certificate"
    for each in state.iterfind(path):
        try:
            der = base64.b64decode("".join((each.text or "").split()), validate=True)
            read_certificate(der)
        except (binascii.Error, ValueError, AnchorRefused):
            continue
        return der
    return None


def _next_update(scheme: Element) -> datetime | None:
    """`None`: the list is closed and is not renewed (TS 119 612, 5.3.15)."""
    value = scheme.findtext(f"{_TSL}NextUpdate/{_TSL}dateTime")
    return _moment(value) if value else None


def _unique(name: str, names: set[str]) -> str:
    """Anchors have names of their own; a service with several certificates gets a number."""
    short, number = name[:150], 1
    chosen = short
    while chosen in names:
        number += 1
        chosen = f"{short} ({number})"
    names.add(chosen)
    return chosen


def _name(parent: Element, tag: str) -> str:
    """The English name, else the first (TS 119 612, 5.1.4)."""
    found = parent.findall(f"{_TSL}{tag}/{_TSL}Name")
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    best = next((each for each in found if each.get(language) == "en"), found[0] if found else None)
    text = " ".join((best.text or "").split()) if best is not None else ""
    if not text:
        raise _refused(f"the list has no {tag}")
    return "".join(each for each in text if each.isprintable())


def _child(parent: Element, tag: str) -> Element:
    found = parent.find(f"{_TSL}{tag}")
    if found is None:
        raise _refused(f"the list has no {tag}")
    return found


def _text(parent: Element, tag: str) -> str:
    return (_child(parent, tag).text or "").strip()


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise _refused("the list has no sequence number")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _refused(f"{text[:40]!r} is not a time") from None
    return (value if value.tzinfo is not None else value.replace(tzinfo=UTC)).astimezone(UTC)


def _refused(message: str) -> AnchorRefused:
    return AnchorRefused(message, field="list")
