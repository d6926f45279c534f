"""Files of officials: what offices send is read, and what attackers send costs little and gets nowhere."""

import tracemalloc

import pytest

from signer.bulk.model import RawRow, TableLimits
from signer.bulk.reading import read_table
from signer.errors import ImportRefused
from tests.support.workbooks import archive, column_name, sheet, workbook

LIMITS = TableLimits()
ROWS = [["Nama", "Jabatan"], ["I Wayan Contoh", "Kepala Dinas, Contoh"], ["Ni Luh Contoh", "Sekretaris"]]


def table(content: bytes, limits: TableLimits = LIMITS) -> list[list[str]]:
    return [list(row.cells) for row in read_table(content, limits)]


def refusal(content: bytes, limits: TableLimits = LIMITS) -> str:
    with pytest.raises(ImportRefused) as refused:
        read_table(content, limits)
    assert refused.value.field == "file"
    assert " / " in str(refused.value), "Indonesian first, English beside it"
    return refused.value.reason


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_is_read_as_offices_save_it(separator: str, encoding: str, line_end: str) -> None:
    text = line_end.join(separator.join(f'"{cell}"' for cell in row) for row in ROWS) + line_end
    content = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    assert table(content) == ROWS


@pytest.mark.parametrize("shared", [True, False])
def test_xlsx_is_read_from_its_first_sheet(shared: bool) -> None:
    assert table(workbook(ROWS, shared=shared)) == ROWS


def test_rows_keep_the_number_that_the_spreadsheet_shows() -> None:
    csv = b"nama\n\n\nI Wayan Contoh\n"
    xlsx = archive(sheet('<row r="1"><c r="A1" t="str"><v>nama</v></c></row><row r="4"><c t="str"><v>x</v></c></row>'))
    assert read_table(csv, LIMITS)[1] == RawRow(number=4, cells=("I Wayan Contoh",))
    assert read_table(xlsx, LIMITS)[1] == RawRow(number=4, cells=("x",))


def test_cells_that_are_left_out_stay_empty() -> None:
    found = table(archive(sheet('<row r="1"><c r="B1" t="str"><v>b</v></c><c r="D1"><v>46347</v></c></row>')))
    assert found == [["", "b", "", "46347"]]


def test_a_bomb_is_stopped_when_it_has_unpacked_to_the_limit() -> None:
    bomb = archive(b"<worksheet>" + b" " * (64 * 1024 * 1024))
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        assert refusal(bomb, TableLimits(unpacked_bytes=1024 * 1024)) == "unpacks-too-big"
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_an_archive_that_lies_about_its_sizes_is_counted_all_the_same() -> None:
    honest = archive(sheet('<row r="1"><c t="str"><v>' + "x" * 100_000 + "</v></c></row>"))
    at = honest.rindex(b"PK\x01\x02", 0, honest.index(b"xl/worksheets/sheet9.xml", honest.index(b"PK\x01\x02")))
    lying = honest[: at + 24] + (10).to_bytes(4, "little") + honest[at + 28 :]
    assert refusal(lying) in {"not-a-workbook", "cell-too-long"}


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY % remote SYSTEM "http://127.0.0.1:1/"> %remote;]>',
    ],
)
def test_no_part_may_define_an_entity(dtd: str) -> None:
    assert refusal(archive(dtd + sheet("<row/>"))) == "dtd"
    assert refusal(archive(sheet("<row/>"), workbook=dtd + "<workbook/>")) == "dtd"


def test_a_formula_is_refused_even_with_its_value_beside_it() -> None:
    row = '<row r="3"><c r="A3" t="str"><f>HYPERLINK("http://evil.example.org")</f><v>I Wayan</v></c></row>'
    assert refusal(archive(sheet(row))) == "formula"


def test_a_million_columns_are_refused_at_once() -> None:
    assert refusal(b"," * 1_000_000 + b"\n") == "too-many-columns"
    wide = archive(sheet(f'<row r="1"><c r="{column_name(16_383)}1"><v>1</v></c></row>'))
    assert refusal(wide) == "too-many-columns"
    without_references = archive(sheet(f'<row r="1">{"<c/>" * 1_000_000}</row>'))
    assert refusal(without_references) == "too-many-columns"


def test_more_rows_than_the_limit_are_refused() -> None:
    few = TableLimits(rows=10)
    assert refusal(b"nama\n" + b"x\n" * 11, few) == "too-many-rows"
    assert refusal(workbook([["nama"], *[["x"]] * 12]), few) == "too-many-rows"
    assert len(read_table(b"nama\n" + b"x\n" * 10, few)) == 11
    assert len(read_table(workbook([["nama"], *[["x"]] * 10]), few)) == 11


def test_a_cell_longer_than_any_name_is_refused() -> None:
    assert refusal(b"nama\n" + b"x" * 600) == "cell-too-long"
    assert refusal(workbook([["nama"], ["x" * 600]])) == "cell-too-long"
    assert refusal(workbook([["nama"], ["x" * 600]], shared=False)) == "cell-too-long"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n\n ; ;\n", "empty"),
        (b"nama\n\x00\x01", "encoding"),
        (b"nama\n\x81\x8d", "encoding"),
        (b"\xff\xfen", "encoding"),
        (b'nama\n"tidak ditutup\n', "broken-csv"),
        (b'nama\n"a" b\n', "broken-csv"),
        (b"PK\x03\x04 no archive", "not-a-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old-or-encrypted-excel"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    assert refusal(content) == reason


@pytest.mark.parametrize(
    "broken",
    [
        archive("<worksheet><row>"),
        archive(b"\x00\x01\x02"),
        archive(sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')),
        archive(sheet('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'), strings=["x"]),
        archive(sheet('<row r="1"><c r="../1"><v>1</v></c></row>')),
        archive(sheet(f'<row r="{"9" * 5000}"><c><v>1</v></c></row>')),
        archive(sheet(""), relationships="<Relationships/>"),
        archive(sheet(""), workbook="<workbook/>"),
        workbook(ROWS)[:-30],
    ],
)
def test_a_broken_workbook_is_one_refusal_and_no_crash(broken: bytes) -> None:
    assert refusal(broken) == "not-a-workbook"


def test_a_file_larger_than_the_limit_is_not_even_looked_at() -> None:
    assert refusal(b"x" * 2000, TableLimits(bytes=1000)) == "too-big"
