"""What of a list the address asks for, and in which words it stands there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.faces.desk.listing import EACH_PAGE, Filters, listing
from signer.model import LetterMetadata, SignedAs, SigningAct, Urgency
from signer.waiting import Waiting, WaitingItem, WaitingKey, WaitingKind, parsed

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def item(number: int, name: str = "Surat edaran", **changed: object) -> WaitingItem:
    plain = WaitingItem(
        key=WaitingKey(kind=WaitingKind.REQUEST, id=f"{number:032x}"),
        client_id="sikd",
        name=name,
        letter=LetterMetadata(subject=name),
        urgency=Urgency.BIASA,
        act=SigningAct.SIGNATURE,
        signed_as=SignedAs(office="Kepala Dinas Contoh"),
        documents=1,
        since=AT,
    )
    return replace(plain, **changed)  # type: ignore[arg-type] - fields of the item


ITEMS = (
    item(1, "Undangan rapat", urgency=Urgency.SANGAT_SEGERA, client_id="sikd"),
    item(2, "Izin usaha", letter=LetterMetadata(kind="izin", number="503/7/IX"), client_id="perizinan"),
    item(3, "Nota dinas", act=SigningAct.INITIALS, signed_as=SignedAs(office="Kepala Biro Contoh", on_behalf="Plh.")),
)


def names(filters: Filters, items: tuple[WaitingItem, ...] = ITEMS) -> list[str]:
    shown = listing(Waiting(items=items), filters, client_name=str.upper, utc_offset_hours=8)
    return [each.name for each in shown.lines]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({}, ["Undangan rapat", "Izin usaha", "Nota dinas"]),
        ({"q": " RAPAT "}, ["Undangan rapat"]),
        ({"q": "503/7"}, ["Izin usaha"]),
        ({"q": "perizinan"}, ["Izin usaha"]),
        ({"urgent": "1"}, ["Undangan rapat"]),
        ({"whose": "own"}, ["Undangan rapat", "Izin usaha"]),
        ({"whose": "acting"}, ["Nota dinas"]),
        ({"client": "perizinan"}, ["Izin usaha"]),
        ({"kind": "izin"}, ["Izin usaha"]),
        ({"act": "initials"}, ["Nota dinas"]),
        ({"act": "initials", "urgent": "1"}, []),
        ({"client": "tidak ada"}, []),
        ({"colour": "red"}, ["Undangan rapat", "Izin usaha", "Nota dinas"]),
    ],
)
def test_a_filter_leaves_what_it_says(query: dict[str, str], left: list[str]) -> None:
    assert names(Filters.of(query)) == left


def test_a_line_says_in_whose_stead_and_how_urgent() -> None:
    lines = listing(Waiting(items=ITEMS), Filters(), client_name=str.upper, utc_offset_hours=8).lines
    assert [each.urgency.id if each.urgency else None for each in lines] == ["Sangat segera", None, None]
    assert [each.acting for each in lines] == [None, None, "Plh. Kepala Biro Contoh"]
    assert lines[0].client == "SIKD"
    assert lines[0].since.id == "22 November 2026 09.00.00 WITA"


def test_a_long_list_comes_in_parts_that_miss_nothing() -> None:
    waiting, filters, seen = Waiting(items=tuple(item(n, f"Surat {n}") for n in range(120))), Filters(), []
    while True:
        part = listing(waiting, filters, client_name=str, utc_offset_hours=8)
        seen += [each.name for each in part.lines]
        assert (part.found, len(part.lines) <= EACH_PAGE) == (120, True)
        if part.next is None:
            break
        filters = replace(filters, after=part.next)
    assert seen == [f"Surat {n}" for n in range(120)]


def test_an_address_keeps_the_filters_and_loses_what_is_empty() -> None:
    filters = Filters.of({"q": "a&b", "urgent": "1", "look": "r." + "0" * 32})
    assert filters.address("/desk", look="") == "/desk?q=a%26b&urgent=1"
    assert Filters().address("/desk") == "/desk"


@pytest.mark.parametrize("make", [lambda key: key.text, lambda key: key.text.upper(), lambda key: f"{key.text}.1"])
def test_only_a_key_that_we_wrote_is_read(make: Callable[[WaitingKey], str]) -> None:
    for key in (ITEMS[0].key, WaitingKey(kind=WaitingKind.STEP, id="ab" * 16, number=3)):
        text = make(key)
        assert parsed(text) == (key if text == key.text else None)
