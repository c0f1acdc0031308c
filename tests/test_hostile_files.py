"""Broken files and calls at the terminal: one sentence each, exit code 2, nothing half-written, no traceback."""

import pytest

from evenhand.cli import run

GOOD = "study,events_1,n_1,events_2,n_2\nA,3,20,5,22\nB,1,30,2,31\nC,4,25,6,20\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"study,yi,sei\nA,0.1,0.2\nB,0.2,-0.1\n", "row 3, column 'sei': must be above 0 (found: -0.1)"),
        (b"study,yi,vi\nA,1e30,1\n", "row 2, column 'yi': must not be above 1e+25 (found: 1e30)"),
        (b"study,events_1,n_1,events_2,n_2\nA,30,20,5,22\n", "row 2, column 'events_1': 30 events among 20 people"),
        (b"study,events_1,n_1,events_2,n_2\nA,3.5,20,5,22\n", "not a whole number (found: 3.5)"),
        (b"study,events_1,n_1,events_2,n_2\nA,15%,20,5,22\n", "a percentage in place of a count"),
        (b"A,3,20,5,22\nB,1,30,2,31\n", "no figures that can be pooled (found: A, 3, 20, 5, 22)"),
        (b"study,yi,vi,yi\nA,1,2,3\n", "2 columns for the same thing"),
        (b"study,yi,vi\n=1+1,=2,1\n", "not a number (found: =2)"),
        (b"study,yi,vi\n\x1b[31mA,0.1,0.2\n", "an invisible control character"),
        (b'study,yi,vi\n"A,0.1,0.2\n', "never closed"),
        (b"PK\x03\x04 a workbook", "zipped file, not plain text"),
        (b"study,yi,vi\nM\xfcller,0.1,0.2\n", "not UTF-8"),
        (b"", "the file is empty"),
        (b"study,yi,vi\n", "no study"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_broken_file_is_told_by_row_value_and_mend(tmp_path, capsys, content, says):
    file = tmp_path / "studies.csv"
    file.write_bytes(content)
    picture = tmp_path / "forest.svg"
    assert run(["pool", str(file), "-o", str(picture)]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert "Mend: " in told.err
    assert "Traceback" not in told.err
    assert told.out == ""
    assert not picture.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--add", "nan", "--zero-cells", "all"], "write how much to add"),
        (["--add", "inf", "--zero-cells", "all"], "write how much to add"),
        (["--level", "nan"], "a level lies between 0 and 1"),
        (["--method", "FOO"], "Mend: write one of EE, REML"),
        (["-o", "nowhere/forest.svg"], "Mend: check the path"),
        (["-o", "forest.jpg"], "none of .svg, .png, .pdf"),
    ],
)
def test_a_call_that_cannot_be_is_told(tmp_path, capsys, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies.csv").write_text(GOOD)
    assert run(["pool", "studies.csv", *arguments]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert told.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["studies.csv"]


def test_a_folder_is_named_as_it_was_called(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run(["pool", "."]) == 2
    assert capsys.readouterr().err.startswith(".: a folder in place of a file")


def test_headers_in_any_spelling(tmp_path, capsys):
    file = tmp_path / "studies.csv"
    file.write_text(" Study , Events 1 ,N 1,EVENTS_2, n.2 \n A , 3 , 20 , 5 , 22 \nB,1,30,2,31\n")
    assert run(["pool", str(file)]) == 0
    assert "0.60" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", ["A", "x" * 500, "日本語研究" * 9, "دراسة أحمد 2001"])
def test_a_table_fits_a_terminal_of_80_columns(tmp_path, capsys, language, name):
    file = tmp_path / "studies.csv"
    file.write_text(GOOD.replace("\nA,", f"\n{name},"), encoding="utf-8")
    assert run(["pool", str(file), "--lang", language]) == 0
    table = capsys.readouterr().out.split("\n\n")[0].strip("\n").split("\n")
    assert max(_columns(line) for line in table) <= 80


def _columns(text):
    """By Unicode's width of East Asian characters; what only marks or directs others takes none."""
    import unicodedata

    wide = {"W": 2, "F": 2}
    return sum(
        0 if unicodedata.category(one) in {"Mn", "Cf"} else wide.get(unicodedata.east_asian_width(one), 1)
        for one in text
    )
