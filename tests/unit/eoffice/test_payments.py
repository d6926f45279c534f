"""Feeds of payments: what is read out of them, and every way in which a row can be wrong."""

import json
from datetime import date

import pytest
from eoffice.errors import Refused
from eoffice.features.vehicle_tax import payments
from eoffice.features.vehicle_tax.payments import COLUMNS, Payment, read_feed
from eoffice.rupiah import grouped, in_words

TODAY = date(2026, 11, 22)
ROW = {
    "reference": "PKB-2026-000001",
    "paid_on": "2026-11-21",
    "plate": "dk 1234 abc",
    "owner": "I Gede Contoh",
    "vehicle": "Contoh 150",
    "until": "2027-11-21",
    "principal": "1000000",
    "surcharge": "660000",
    "insurance": "35000",
    "fines": "0",
    "channel": "Bank Contoh",
}


def csv_of(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    lines = [COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in rows)]
    return "\r\n".join(delimiter.join(line) for line in lines).encode("utf-8-sig")


@pytest.mark.parametrize(
    "content",
    [
        csv_of(ROW),
        csv_of(ROW, delimiter=";"),
        csv_of(ROW, ROW),
        json.dumps({"payments": [{**ROW, "principal": 1000000}]}).encode(),
    ],
)
def test_csv_and_json_say_the_same(content: bytes) -> None:
    feed = read_feed(content, today=TODAY)
    (payment,) = feed.payments
    assert (payment.plate, payment.total, payment.paid_on) == ("DK 1234 ABC", 1_695_000, date(2026, 11, 21))
    assert Payment.of_data(json.loads(json.dumps(payment.as_data()))) == payment
    assert (feed.wrong, feed.rows) == ((), {"PKB-2026-000001": 1})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reference": "a/b"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"plate": "1234"}, "plate"),
        ({"plate": "DK 0 A"}, "plate"),
        ({"owner": "x" * 101}, "owner"),
        ({"owner": "I Gede\x07"}, "owner"),
        ({"paid_on": "21-11-2026"}, "paid_on"),
        ({"paid_on": "2026-11-23"}, "paid_on"),
        ({"until": "0001-01-01"}, "until"),
        ({"principal": "-1"}, "principal"),
        ({"principal": "1.000.000"}, "principal"),
        ({"principal": "9" * 13}, "principal"),
        ({"principal": "0", "surcharge": "0", "insurance": "0"}, "principal"),
        ({"reference": "PKB-2", "owner": "Orang lain"}, "reference"),
    ],
)
def test_a_wrong_row_is_named_and_the_others_are_taken(changed: dict[str, str], field: str) -> None:
    feed = read_feed(
        csv_of({**ROW, "reference": "PKB-2"}, {**ROW, **changed}, {**ROW, "reference": "PKB-3"}), today=TODAY
    )
    assert [each.reference for each in feed.payments] == ["PKB-2", "PKB-3"]
    assert [(each.row, each.field) for each in feed.wrong] == [(2, field)]
    assert "Orang" not in str(feed.wrong)


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, 10**30, "\ud800"])
def test_a_json_value_is_a_text_or_a_whole_number(value: object) -> None:
    feed = read_feed(json.dumps({"payments": [{**ROW, "owner": value}]}).encode(), today=TODAY)
    assert [each.field for each in feed.wrong] == ["owner"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{",
        b'{"payments": 1}',
        b'{"payments": [1]}',
        b'{"payments": [], "more": 1}',
        b'{"payments": [' + b'{"reference": ' + b"9" * 5000 + b"}]}",
        b"reference,paid_on\n1,2",
        csv_of(ROW).replace(b"channel", b"nik"),
        csv_of(ROW) + b'\r\n"',
        csv_of(),
        b"x" * (payments.LARGEST_FEED + 1),
    ],
)
def test_a_file_that_is_no_feed_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_feed(content, today=TODAY)
    assert refused.value.field == "document"


def test_rows_are_counted_and_a_row_of_another_length_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = read_feed(csv_of(ROW) + b"\r\n1,2\r\n" + b",".join([b"1"] * 12), today=TODAY)
    assert [(each.row, each.field) for each in feed.wrong] == [(2, "plate"), (3, "columns")]
    monkeypatch.setattr(payments, "MOST_ROWS", 2)
    with pytest.raises(Refused):
        read_feed(csv_of(ROW, ROW, ROW), today=TODAY)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "nol"),
        (11, "sebelas"),
        (17, "tujuh belas"),
        (20, "dua puluh"),
        (100, "seratus"),
        (1_000, "seribu"),
        (2_001, "dua ribu satu"),
        (101_000, "seratus satu ribu"),
        (1_695_000, "satu juta enam ratus sembilan puluh lima ribu"),
        (1_001_001_111, "satu miliar satu juta seribu seratus sebelas"),
        (3 * 10**12, "tiga triliun"),
    ],
)
def test_amounts_in_words(amount: int, words: str) -> None:
    assert in_words(amount) == words


def test_amounts_in_groups() -> None:
    assert (grouped(0), grouped(1_695_000)) == ("0", "1.695.000")
    for beyond in (-1, 10**15):
        with pytest.raises(ValueError, match="no words"):
            in_words(beyond)
