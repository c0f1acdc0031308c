"""Files made to harm, and files harmed by chance: a fault each, never another exception, never a long wait."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evenhand.dossier import DossierError, find_faults, read_dossier
from evenhand.dossier.folder import FILES
from tests.dossier.conftest import replace

PATIENCE = 20.0  # seconds of CPU: far above any honest reading, far below what a bomb would take

BOMBS = {
    "yaml: nested brackets": ("dossier.yaml", b"a: " + b"[" * 1_000_000),
    "yaml: nested braces": ("dossier.yaml", b"{a: " * 200_000),
    "yaml: aliases": ("dossier.yaml", b"a: &a [x,x]\n" + b"".join(b"b%d: [*a,*a,*a,*a]\n" % n for n in range(9))),
    "yaml: merge keys": ("dossier.yaml", b"a: &a {b: 1}\nc: {<<: *a}\n"),
    "yaml: python object": ("dossier.yaml", b"evenhand: !!python/object/apply:os.system ['echo pwned']\n"),
    "yaml: a key twice, often": ("dossier.yaml", b"a: {b: c}\n" * 5_000),
    "yaml: long line": ("dossier.yaml", b"title: " + b"x" * 1_500_000),
    "yaml: spaces": ("dossier.yaml", b"title:" + b" " * 1_500_000),
    "yaml: many quotes": ("dossier.yaml", b"title: " + b"'" * 100_001),
    "yaml: only NUL": ("dossier.yaml", b"\0" * 1_500_000),
    "csv: quotes": ("results.csv", b"study,outcome,treatment\n" + b'"' * 900_001),
    "csv: commas": ("results.csv", b"study,outcome,treatment\na" + b"," * 900_000),
    "csv: header of commas": ("results.csv", b"," * 900_000),
    "csv: one column, often": ("studies.csv", b",".join([b"study"] * 20_000)),
    "csv: unknown columns": ("studies.csv", b",".join(b"c%d" % n for n in range(5_000))),
    "csv: short rows": ("parameters.csv", b"name,unit\n" + b"x\n" * 200_000),
    "csv: digits": ("parameters.csv", b"name,unit,value\nx,mg," + b"9" * 90_000 + b"\n"),
    "csv: exponent": ("parameters.csv", b"name,unit,value\nx,mg,1e" + b"9" * 1_000 + b"\n"),
    "bib: braces": ("sources.bib", b"@misc{a, title={" + b"{" * 200_000),
    "bib: at signs": ("sources.bib", b"@" * 200_000),
    "bib: backslashes": ("sources.bib", b"@misc{a, title={" + b"\\'" * 100_000 + b"}, url={https://a.org}}"),
    "bib: equals": ("sources.bib", b"@misc{a, " + b"=" * 200_000 + b"}"),
    "bib: control sequences": ("sources.bib", b"@misc{a, title={\x1b[31mred}}"),
}


@pytest.mark.parametrize(("file", "content"), BOMBS.values(), ids=BOMBS.keys())
def test_bomb(file: str, content: bytes, blank: Path) -> None:
    (blank / file).write_bytes(content)
    start = time.process_time()
    faults = find_faults(blank)
    assert time.process_time() - start < PATIENCE
    assert faults
    for fault in faults:
        # Terminals and pages show faults: what is quoted is short and has nothing hidden.
        assert str(fault).isprintable()
        assert len(str(fault)) < 1000


@pytest.mark.parametrize(
    "text", ["((((" * 100, "9**9**9**9**" * 100, "-" * 1900, "exp(" * 400, "a" * 1900, "1e308*10*1e308"]
)
def test_formula_bomb(text: str, blank: Path) -> None:
    replace(blank / "dossier.yaml", "formula: 1 - (1 - reuse * infection_risk) ** sessions", f'formula: "{text}"')
    start = time.process_time()
    find_faults(blank)
    assert time.process_time() - start < PATIENCE


def test_a_formula_that_overflows_is_read_and_is_infinite(blank: Path) -> None:
    replace(
        blank / "dossier.yaml",
        "formula: 1 - (1 - reuse * infection_risk) ** sessions",
        "formula: 9**9**9**9 + 1e308*10 + 0 * reuse * infection_risk * sessions",
    )
    formula = read_dossier(blank).outcomes["infection"].formula
    assert formula is not None
    assert formula.evaluate({"reuse": 1.0, "infection_risk": 1.0, "sessions": 1.0}) == float("inf")


@pytest.mark.parametrize(
    "cell", ["=HYPERLINK(1)", "+cmd|' /C calc'!A0", "@SUM(A1)", "<script>alert(1)</script>", "{{7*7}}"]
)
def test_free_text_is_data(cell: str, blank: Path) -> None:
    replace(blank / "studies.csv", "one adult", f'"{cell}"')
    assert read_dossier(blank).studies["example_case"].population == cell


@pytest.mark.parametrize("text", ["<script>", "a b", "../x", "a\u202eb", "a'b", "x" * 65, "é"])
def test_ids_are_never_free_text(text: str, blank: Path) -> None:
    replace(blank / "studies.csv", "example_case,Example", f"{text},Example")
    assert any(fault.file == "studies.csv" for fault in find_faults(blank))


@pytest.fixture
def whole(blank: Path) -> dict[str, bytes]:
    """The files of a fresh dossier, before anything was done to them."""
    return {name: (blank / name).read_bytes() for name in FILES}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_bytes_are_faults_at_most(data: st.DataObject, whole: dict[str, bytes], blank: Path) -> None:
    """Some bytes of one file put in, taken out or exchanged: a dossier, or a DossierError that says where."""
    name = data.draw(st.sampled_from(FILES))
    content = bytearray(whole[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 12))
        content[at : at + length] = data.draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from(
                    [b"{", b"}", b'"', b",", b"\n", b": ", b"- ", b"@", b"[", b"&a ", b"*a", b"!x ", b"\t", b"#"]
                ),
                st.just(bytes(content[at : at + 40])),
            )
        )
    for file in FILES:
        # What the example before changed stands as it was.
        (blank / file).write_bytes(bytes(content) if file == name else whole[file])
    try:
        read_dossier(blank)
    except DossierError as error:
        assert error.faults
        for fault in error.faults:
            assert fault.problem
            assert fault.mend
            assert str(fault).isprintable()
