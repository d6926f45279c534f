"""A file is judged whole: every bad row is named, nothing is repaired, no name is split, no number is quoted."""

import pytest

from signer.bulk.checking import check_file
from signer.bulk.model import CheckedFile, RowKind, TableLimits
from signer.errors import ImportRefused
from tests.support.workbooks import workbook

KNOWN_ID = "K5QXA2LBONUWC3TB"


class Register:
    """One official who is known already."""

    def names(self) -> frozenset[tuple[str, str, str]]:
        return frozenset({("I Made Terdaftar", "", "Biro Contoh")})

    def ids(self) -> frozenset[str]:
        return frozenset({KNOWN_ID})


def check(text: str | bytes) -> CheckedFile:
    content = text.encode() if isinstance(text, str) else text
    return check_file(content, Register(), limits=TableLimits())


def codes(text: str | bytes) -> list[tuple[int, str | None, str]]:
    return [(each.row, each.column, each.code) for each in check(text).findings]


def test_good_rows_come_out_in_our_words() -> None:
    checked = check(
        "Nama;Nama Keluarga;Unit Kerja;Surel\n"
        "Suharto;;Biro Contoh;suharto@contoh.go.id\n"
        "I  Wayan   Sudarma;;;\n"
        "Siti Rahmawati Lubis;Lubis;;\n"
    )
    assert checked.findings == ()
    assert [dict(row.content) for row in checked.rows] == [
        {"name": "Suharto", "unit": "Biro Contoh", "email": "suharto@contoh.go.id"},
        {"name": "I Wayan Sudarma"},
        {"name": "Siti Rahmawati Lubis", "surname": "Lubis"},
    ]
    assert {row.kind for row in checked.rows} == {RowKind.OFFICIAL}


def test_transfers_and_acting_appointments_are_rows_of_their_own_kind() -> None:
    checked = check(
        "jenis,id_penanda_tangan,unit_kerja,bentuk,jabatan,mulai,sampai\n"
        f"mutasi,{KNOWN_ID},Biro Baru,,,,\n"
        f"penugasan,{KNOWN_ID},,Plt.,Kepala Dinas Contoh,2026-11-01,2026-12-31\n"
    )
    assert checked.findings == ()
    transfer, acting = checked.rows
    assert (transfer.kind, transfer.content["unit"]) == (RowKind.TRANSFER, "Biro Baru")
    assert (acting.kind, acting.content["form"], acting.content["ends_on"]) == (RowKind.ACTING, "plt", "2026-12-31")


def test_a_date_of_a_spreadsheet_is_the_day_that_it_shows() -> None:
    heading = ["jenis", "id_penanda_tangan", "bentuk", "jabatan", "mulai", "sampai"]
    row = ["penugasan", KNOWN_ID, "Plh", "Kepala Dinas", "46347", "46357.0"]
    content = check(workbook([heading, row])).rows[0].content
    assert (content["starts_on"], content["ends_on"]) == ("2026-11-21", "2026-12-01")


@pytest.mark.parametrize(
    "heading",
    ["NIK", "nip", "No. NIK", "Nomor NIP", "no_ktp", "Nomor Induk Pegawai", "nomor induk kependudukan", "NIP "],
)
def test_a_column_of_personal_numbers_is_refused_whole(heading: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        check(f"nama,{heading}\nI Wayan Contoh,5171010101700001\n")
    assert refused.value.reason == "personal-number"
    assert "5171" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "5171010101700001",
        "197001012000011001",
        "19700101 200001 1 001",
        "1970.0101.2000.0110.01",
        "NIP 5171-0101-0170-0001",
    ],
)
@pytest.mark.parametrize("column", ["nama", "jabatan", "unit_kerja"])
def test_a_personal_number_in_any_cell_is_found_and_never_quoted(text: str, column: str) -> None:
    cells = {"nama": "I Wayan Contoh", "jabatan": "Kepala", "unit_kerja": "Biro"} | {column: text}
    checked = check(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    assert [(each.row, each.column, each.code) for each in checked.findings] == [(2, column, "personal-number")]
    shown = repr(checked.findings) + repr(checked.rows)
    assert "5171" not in shown
    assert "1970" not in shown


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        ("nama,nama", "column-twice"),
        ("nama,name", "column-twice"),
        ("nama,tempat lahir", "unknown-column"),
        ("I Wayan Contoh,Biro", "unknown-column"),
        ("unit_kerja,jabatan", "no-heading"),
    ],
)
def test_a_heading_that_is_not_understood_stops_everything(heading: str, reason: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        check(f"{heading}\na,b\n")
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",,,", None, None),
        (",,Biro,", "nama", "missing"),
        ("=1+1,,,", "nama", "formula"),
        ("@SUM(A1),,,", "nama", "formula"),
        ("+62 I Wayan,,,", "nama", "formula"),
        ("I Wayan\u202eContoh,,,", "nama", "invisible"),
        ("I Wayan\u200bContoh,,,", "nama", "invisible"),
        ("I Wayan \ufffdontoh,,,", "nama", "broken-text"),
        ("12345,,,", "nama", "no-name"),
        ("x" * 65 + ",,,", "nama", "too-long"),
        ("é" * 40 + ",,,", "nama", "too-long"),
        ("I Wayan Contoh,Sudarma,,", "nama_keluarga", "surname"),
        ("Lubis,Lubis,,", "nama_keluarga", "surname"),
        ("I Wayan Contoh,,,bukan surel", "surel", "email"),
        ("I Wayan Contoh,,,a@b", "surel", "email"),
        ("I Wayan Contoh,,,,lebih", None, "cell-without-heading"),
        ("i made TERDAFTAR,,biro  contoh,", "nama", "already-registered"),
    ],
)
def test_each_bad_cell_is_named(row: str, column: str | None, code: str | None) -> None:
    found = codes(f"nama,nama_keluarga,unit_kerja,surel\n{row}\n")
    assert found == ([] if code is None else [(2, column, code)])


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("mutasi,unknown,Biro,,,,", "id_penanda_tangan", "unknown-signatory"),
        ("mutasi,,Biro,,,,", "id_penanda_tangan", "missing"),
        (f"mutasi,{KNOWN_ID},,,,,", "unit_kerja", "missing"),
        ("pindah,,,,,,", "jenis", "kind"),
        (f"penugasan,{KNOWN_ID},,a.n.,Kepala,2026-11-01,2026-12-01", "bentuk", "form"),
        (f"penugasan,{KNOWN_ID},,Plt,Kepala,01/11/2026,2026-12-01", "mulai", "date"),
        (f"penugasan,{KNOWN_ID},,Plt,Kepala,2026-11-31,2026-12-01", "mulai", "date"),
        (f"penugasan,{KNOWN_ID},,Plt,Kepala,2026-12-02,2026-12-01", "sampai", "dates"),
        (f"penugasan,{KNOWN_ID},,Plt,Kepala,2026-01-01,2027-12-01", "sampai", "dates"),
        (f"penugasan,{KNOWN_ID},,Plt,,2026-11-01,2026-12-01", "jabatan", "missing"),
    ],
)
def test_each_bad_transfer_and_appointment_is_named(row: str, column: str, code: str) -> None:
    heading = "jenis,id_penanda_tangan,unit_kerja,bentuk,jabatan,mulai,sampai"
    assert (2, column, code) in codes(f"{heading}\n{row}\n")


def test_the_same_person_twice_is_found_however_it_is_written() -> None:
    found = codes("nama,surel\nI Wayan Contoh,\nNi Luh Contoh,\ni  wayan CONTOH,\n")
    assert found == [(4, None, "duplicate")]


def test_two_people_of_one_name_are_told_apart_by_their_addresses() -> None:
    assert codes("nama,surel\nI Wayan Contoh,a@contoh.go.id\nI Wayan Contoh,b@contoh.go.id\n") == []
    assert codes("nama,surel\nI Wayan Contoh,a@contoh.go.id\nNi Luh,A@contoh.go.id\n") == [(3, "surel", "duplicate")]


def test_a_namesake_of_somebody_registered_is_taken_when_an_officer_says_so() -> None:
    heading = "nama,unit_kerja,nama_sama_dipastikan\n"
    assert codes(heading + "I Made Terdaftar,Biro Contoh,ya\n") == []


def test_every_bad_row_is_named_and_not_only_the_first() -> None:
    found = check("nama,surel\n=1,x\nNi Luh,@\n,z@contoh.go.id\n")
    assert [each.row for each in found.findings] == [2, 2, 3, 4]
    assert all(each.indonesian and each.english for each in found.findings)
