"""results.csv: each kind of row, and nothing invented where a paper is silent."""

import pytest

from evenhand.dossier.ledger import Ledger
from evenhand.dossier.records import Design, Direction, Result, RiskOfBias, Status, Study
from evenhand.dossier.results_csv import read_results

STUDY = Study(
    id="a",
    label="A",
    year=None,
    design=Design.RANDOMISED,
    risk_of_bias=RiskOfBias.LOW,
    risk_of_bias_reason=None,
    blinding=None,
    population=None,
    n_randomised=None,
    n_analysed=None,
    funding=None,
    source="paper",
)


def row(separator: str = ",", **cells: str) -> Result:
    """The only row of a table of these columns."""
    cells = {"study": "a", "outcome": "o", "treatment": "t", "source": "s"} | cells
    ledger = Ledger("results.csv")
    content = f"{separator.join(cells)}\n{separator.join(cells.values())}\n"
    results = read_results(content.encode(), ledger, {"a": STUDY})
    assert not ledger.faults
    return results[0]


def faults(**cells: str) -> list[tuple[str | None, str]]:
    cells = {"study": "a", "outcome": "o", "treatment": "t", "source": "s"} | cells
    ledger = Ledger("results.csv")
    read_results(f"{','.join(cells)}\n{','.join(cells.values())}\n".encode(), ledger, {"a": STUDY})
    return [(fault.column, fault.problem) for fault in ledger.faults]


def test_a_count() -> None:
    result = row(n="16", events="6", percent="37.5%", p_value="p < 0.05", p_test="two arms", arm="drip")
    assert (result.n, result.events, result.percent, result.status) == (16, 6, "37.5", Status.COUNTED)
    assert (result.p_value, result.p_test, result.arm) == ("<0.05", "two arms", "drip")
    assert (result.mean, result.sd, result.n_randomised, result.followup_weeks) == (None, None, None, None)


def test_a_counted_zero_is_a_zero_and_an_empty_cell_is_none() -> None:
    assert row(n="25", events="0").events == 0
    assert row(n="25", events="", status="not reported").events is None
    assert row(n="25", events="NA", status="not reported").events is None


def test_a_mean_keeps_its_printed_decimals() -> None:
    result = row(n="28", mean="5.190", sd="1.20")
    assert (result.mean, result.mean_printed, result.sd, result.sd_printed) == (5.19, "5.190", 1.2, "1.20")


def test_decimal_commas_of_a_semicolon_table() -> None:
    result = row(";", n="28", mean="5,190", sd="1,20", p_value="<0,05")
    assert (result.mean, result.mean_printed, result.sd, result.p_value) == (5.19, "5.190", 1.2, "<0.05")


def test_decimal_commas_are_said() -> None:
    ledger = Ledger("results.csv")
    read_results(b"study;outcome;treatment;source;n;mean\na;o;t;s;28;5,19\n", ledger, {})
    assert "results.csv: commas in numbers were read as decimal commas" in ledger.notices
    assert not ledger.faults


def test_a_difference_needs_no_count() -> None:
    result = row(comparator="u", mean="-1.2", ci_lower="-2.1", ci_upper="-0.3")
    assert (result.comparator, result.mean, result.ci_lower, result.ci_upper) == ("u", -1.2, -2.1, -0.3)


@pytest.mark.parametrize(
    ("cells", "status", "direction"),
    [
        ({"direction": "better"}, Status.DIRECTION, Direction.BETTER),
        ({"direction": "worse", "p_value": "0.021", "n": "30"}, Status.DIRECTION, Direction.WORSE),
        ({"status": "direction", "direction": "no clear difference"}, Status.DIRECTION, Direction.NO_DIFFERENCE),
        ({"status": "happened", "events": "2"}, Status.HAPPENED, None),
        ({"status": "Happened"}, Status.HAPPENED, None),
        ({"status": "said"}, Status.SAID, None),
        ({"status": "not reported", "n": "16", "p_value": "ns"}, Status.NOT_REPORTED, None),
    ],
)
def test_rows_without_figures(cells: dict[str, str], status: Status, direction: Direction | None) -> None:
    result = row(**cells)
    assert (result.status, result.direction) == (status, direction)


def test_silence_is_sourced_by_the_study_itself() -> None:
    assert row(status="not reported", source="").source == "paper"
    assert faults(status="said", source="") == [("source", "a figure without a source")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0.054", "0.054"),
        ("<0.001", "<0.001"),
        ("< .001", "<.001"),
        ("≤0.01", "<0.01"),
        ("P=0.050", "0.050"),
        (">0.05", ">0.05"),
        ("NS", "ns"),
        ("n.s.", "ns"),
        ("NA", None),
    ],
)
def test_p_values_in_one_spelling(written: str, read: str | None) -> None:
    assert row(n="5", events="1", p_value=written).p_value == read


@pytest.mark.parametrize("written", ["1.2", "-0.1", "<1.5", "0.05*", "sig.", "<", "0.0O1"])
def test_what_is_no_p_value(written: str) -> None:
    assert [column for column, _ in faults(n="5", events="1", p_value=written)] == ["p_value"]


def test_cinema_and_metainsight_columns() -> None:
    ledger = Ledger("results.csv")
    content = b"id,t,r,N,rob,covar.age,outcome,source\n1,drug,4,20,L,33,o,s\n"
    (result,) = read_results(content, ledger, {})
    assert (result.study, result.treatment, result.events, result.n) == ("1", "drug", 4, 20)
    assert not ledger.faults
    (result,) = read_results(b"Study,T,Mean,SD,N,outcome,source\n1,drug,4.5,2,20,o,s\n", ledger, {})
    assert (result.mean, result.sd, result.n) == (4.5, 2.0, 20)
    (result,) = read_results(b"id,t,y,sd,n,outcome,source\n1,drug,4.5,2,20,o,s\n", ledger, {})
    assert (result.mean, result.sd, result.n) == (4.5, 2.0, 20)
    assert not ledger.faults


def test_a_row_has_all_its_faults_said() -> None:
    said = faults(n="-1", events="2.5", mean="x", ci_lower="2", ci_upper="1", seen="memory", p_value="7")
    assert {column for column, _ in said} == {"n", "events", "mean", "ci_lower", "seen", "p_value"}


def test_the_same_row_in_another_spelling() -> None:
    ledger = Ledger("results.csv")
    rows = "a,o,t,,6,s,9,1\na,o,t,T,6.0,s,9,2\na,o,t,T,7,s,9,2\n"
    content = f"study,outcome,treatment,arm,followup_weeks,source,n,events\n{rows}".encode()
    assert len(read_results(content, ledger, {})) == 2
    assert [(fault.row, fault.column) for fault in ledger.faults] == [(3, "study")]


def test_names_are_mentioned_even_in_a_faulty_row() -> None:
    ledger = Ledger("results.csv")
    read_results(b"study,outcome,treatment,comparator,source,n,events\na,o,t,u,s,1,2\n", ledger, {})
    assert {(mention.kind, mention.name) for mention in ledger.mentions} == {
        ("study", "a"),
        ("outcome", "o"),
        ("treatment", "t"),
        ("treatment", "u"),
        ("source", "s"),
    }


@pytest.mark.parametrize(
    ("written", "mend"), [("0,054", "write 0.054"), ("p=abc", "copy it as printed"), ("p", "copy it")]
)
def test_the_mend_of_a_p_value(written: str, mend: str) -> None:
    ledger = Ledger("results.csv")
    content = f'study,outcome,treatment,source,n,events,p value\na,o,t,s,20,4,"{written}"\n'
    read_results(content.encode(), ledger, {})
    (fault,) = ledger.faults
    assert (fault.column, fault.problem) == ("p_value", "not a p-value")
    assert mend in fault.mend


def test_words_of_a_workbook() -> None:
    ledger = Ledger("results.csv")
    content = "Study,Outcome,Treatment,Source,Total,Events,%,P value\na,o,t,s,20,4,20%,p < 0·05\n"
    (result,) = read_results(content.encode(), ledger, {})
    assert (result.n, result.events, result.percent, result.p_value) == (20, 4, "20", "<0.05")
    assert not ledger.faults
