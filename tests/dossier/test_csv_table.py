"""Table files as spreadsheets write them, and as they are broken."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.dossier.csv_table import LARGEST_CELL, Columns, Table, read_table
from evenhand.dossier.ledger import Ledger

COLUMNS = Columns(
    known=("study", "n", "note"),
    required=("study",),
    aliases={"id": "study"},
    passed_over=frozenset({"weight"}),
)


def read(content: str | bytes) -> tuple[Table | None, Ledger]:
    ledger = Ledger("t.csv")
    return read_table(content.encode() if isinstance(content, str) else content, COLUMNS, ledger), ledger


def rows(content: str | bytes) -> list[tuple[int, dict[str, str]]]:
    table, ledger = read(content)
    assert table is not None
    assert not ledger.faults
    return [(row.line, dict(row.cells)) for row in table.rows]


A = {"study": "a", "n": "1", "note": ""}


@pytest.mark.parametrize(
    "content",
    [
        "study,n,note\na,1,\n",
        "study,n,note\r\na,1,\r\n",
        "study,n,note\ra,1,\r",
        "study,n,note\na,1,",
        "study,n,note\n a , 1 ,\n",
        "Study,N,Note\na,1,\n",
        "id,n,note\na,1,\n",
        '"study","n","note"\n"a","1",""\n',
        "study;n;note\na;1;\n",
        "study\tn\tnote\na\t1\t\n",
        "study,n,note,,\na,1,,,\n,,,,\n",
        "study,n,note\n\u200ba\u00a0\u200b,\u20601\u200e,\u00a0\n",
        b"\xef\xbb\xbfstudy,n,note\na,1,\n",
    ],
)
def test_one_row_in_many_spellings(content: str | bytes) -> None:
    assert rows(content) == [(2, A)]


def test_what_was_guessed_is_said() -> None:
    _, ledger = read(b"\xef\xbb\xbfid;n;weight\na;1;3\n")
    assert ledger.notices == [
        "t.csv: a byte-order mark at its start was passed over",
        "t.csv: cells are separated by a semicolon",
        "t.csv: column 'id' was read as 'study'",
        "t.csv: column 'weight' was passed over",
    ]


@pytest.mark.parametrize(("separator", "decimal_comma"), [(",", False), (";", True), ("\t", False)])
def test_decimal_commas_belong_to_semicolons(separator: str, decimal_comma: bool) -> None:
    table, _ = read(f"study{separator}n\na{separator}1\n")
    assert table is not None
    assert table.decimal_comma is decimal_comma


@pytest.mark.parametrize("written", ["ci_lower", "CI lower", "Ci.Lower", "CI-LOWER", "ci\u00a0lower"])
def test_a_column_between_whose_words_stands_something_else(written: str) -> None:
    columns = Columns(known=("ci_lower",), required=("ci_lower",))
    ledger = Ledger("t.csv")
    assert read_table(f"{written}\n1\n".encode(), columns, ledger) is not None
    assert not ledger.faults
    assert not ledger.notices  # there was nothing to guess


def test_a_spreadsheets_separator_line() -> None:
    assert rows("sep=;\nstudy;n;note\na;1;\n") == [(3, A)]


def test_lines_are_those_of_an_editor() -> None:
    content = 'study,n,note\na,1,"two\nlines"\n\nb,2,"a ""quoted"" word, and a comma"\n'
    assert rows(content) == [
        (2, {"study": "a", "n": "1", "note": "two\nlines"}),
        (5, {"study": "b", "n": "2", "note": 'a "quoted" word, and a comma'}),
    ]


def test_cells_are_data() -> None:
    content = "study,n,note\n=cmd|'/c calc'!A0,@SUM(1),+1\n"
    assert rows(content) == [(2, {"study": "=cmd|'/c calc'!A0", "n": "@SUM(1)", "note": "+1"})]


def test_header_only_is_a_table_without_rows() -> None:
    table, ledger = read("study,n\n")
    assert table is not None
    assert table.rows == ()
    assert not ledger.faults
    assert ledger.notices == ["t.csv: a header and no rows"]


@pytest.mark.parametrize(
    ("content", "line", "column", "problem", "mend"),
    [
        (b"", None, None, "empty", "copy"),
        (b" \n \n", None, None, "empty", "copy"),
        ("study,nn\n", 1, "nn", "unknown column", "note"),
        ("study,nota\n", 1, "nota", "unknown column", "'note'"),
        ("n,note\n1,x\n", 1, "study", "missing", "add 'study'"),
        ("study,id\na,b\n", 1, "study", "2 columns for the same thing ('study', 'id')", "keep one"),
        ("study,n\na\n", 2, None, "1 cells under 2 columns", "separator"),
        ("study,n\na,1,2\n", 2, None, "3 cells under 2 columns", "quotation marks"),
        ("study,,n\na,x,1\n", 2, None, "a cell under no column name", "name the column"),
        ('study,n\n"a,1\nb,2\n', 2, None, "never closed", '""'),
        ('study,n\n"a"b,1\n', 2, None, "quotation mark inside", '""'),
        (b"study,n\ncaf\xe9,1\n", 2, None, "byte 0xE9 at offset 11 is not UTF-8", "UTF-8"),
        (b"\xef\xbb\xbfstudy,n\ncaf\xe9,1\n", 2, None, "byte 0xE9 at offset 14 is not UTF-8", "UTF-8"),
        ("study,n\n".encode("utf-16"), 1, None, "UTF-16", "UTF-8"),
        ("study,n\n".encode("utf-16-le"), 1, None, "UTF-16", "UTF-8"),
        ("study,n\n".encode("utf-16-be"), 1, None, "UTF-16", "UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00\xff", None, None, "a workbook", "CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, None, "a workbook or document of an older", "CSV UTF-8"),
        (b"study,n\na\x00,1\n", 2, None, "invisible control character at character 2", "delete"),
        ("study,n\na\u202eb,1\n", 2, None, "invisible control character", "delete"),
        ("study,n\na,1\n\x1b[31m,2\n", 3, None, "invisible control character", "delete"),
        (f"study,n\na,{'x' * (LARGEST_CELL + 1)}\n", 2, None, "more than 100,000 characters", "never closed"),
        (f"study,n\na,{'x' * 500_000}\n", 2, None, "more than 100,000 characters", "never closed"),
    ],
)  # fmt: skip
def test_broken(content: str | bytes, line: int | None, column: str | None, problem: str, mend: str) -> None:
    _, ledger = read(content)
    assert len(ledger.faults) == 1, ledger.faults
    (fault,) = ledger.faults
    assert (fault.row, fault.column) == (line, column)
    assert problem in fault.problem
    assert mend in fault.mend


def test_a_broken_row_hides_no_other() -> None:
    table, ledger = read('study,n\n"a"b,1\nc\nd,4\ne,5,6\n')
    assert table is not None
    assert [fault.row for fault in ledger.faults] == [2, 3, 5]
    assert [row.cells["study"] for row in table.rows if row.whole] == ["d"]


def test_a_thousand_faults_are_enough() -> None:
    _, ledger = read("study,n\n" + "a\n" * 5000)
    assert len(ledger.faults) == 1001
    assert "the rest are not listed" in ledger.faults[-1].problem


CELLS = st.text(alphabet='ab1 ,;"\n\t=é\u0645', max_size=6).map(str.strip)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS).filter(any), max_size=6), st.sampled_from(",;\t"))
def test_what_python_writes_is_read_back(cells: list[tuple[str, str, str]], separator: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(COLUMNS.known)
    writer.writerows(cells)
    table, ledger = read(file.getvalue())
    assert table is not None
    assert not ledger.faults
    assert [tuple(row.cells.values()) for row in table.rows] == cells
