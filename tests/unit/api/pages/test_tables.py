"""Tables for spreadsheets: nothing in them is computed, and nobody's number stands in them."""

import csv

import pytest

from api.pages.tables import cell, csv_answer


@pytest.mark.parametrize("text", ["=1+1", "+62", "-1", "@SUM(A1)", "=HYPERLINK(1)"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_a_table_is_read_as_it_was_written() -> None:
    answer = csv_answer(
        "daftar.csv", ("nama", "jumlah"), [('Surat "edaran"; a, b', "2"), ("NIP 198001012005011001", "1")]
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(answer.content.decode("utf-8-sig").splitlines())) == [
        ["nama", "jumlah"],
        ['Surat "edaran"; a, b', "2"],
        ["NIP •••", "1"],
    ]
