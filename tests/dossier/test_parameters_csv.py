"""parameters.csv: each row the distribution that its figures mean."""

import pytest

from evenhand.distributions import Beta, Point
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.parameters_csv import read_parameters
from evenhand.dossier.records import Parameter


def parameter(**cells: str) -> Parameter:
    cells = {"name": "x", "unit": "mg", "source": "s"} | cells
    ledger = Ledger("parameters.csv")
    found = read_parameters(f"{','.join(cells)}\n{','.join(cells.values())}\n".encode(), ledger)
    assert not ledger.faults, ledger.faults
    return found["x"]


def fault_columns(**cells: str) -> list[str | None]:
    cells = {"name": "x", "unit": "mg", "source": "s"} | cells
    ledger = Ledger("parameters.csv")
    read_parameters(f"{','.join(cells)}\n{','.join(cells.values())}\n".encode(), ledger)
    return [fault.column for fault in ledger.faults]


def test_an_exact_value() -> None:
    found = parameter(value="1200")
    assert found.distribution == Point(1200.0)
    assert (found.value, found.low, found.high, found.kind, found.verified) == (1200.0, None, None, "estimate", True)
    assert found.label.en == "x"


def test_a_95_percent_interval_is_met_at_its_limits() -> None:
    found = parameter(value="0.003", low="0.001", high="0.008", unit="probability")
    assert found.distribution.quantile(0.025) == pytest.approx(0.001, rel=1e-9)
    assert found.distribution.quantile(0.5) == pytest.approx(0.003, rel=1e-9)
    assert found.distribution.quantile(0.975) == pytest.approx(0.008, rel=1e-9)
    assert found.distribution.cdf(0.0) == 0.0


def test_a_range_is_never_left() -> None:
    found = parameter(
        value="0.1", low="0", high="0.5", interval="range", unit="proportion", kind="assumption", source=""
    )
    assert found.distribution.cdf(0.0) == 0.0
    assert found.distribution.cdf(0.5) == pytest.approx(1.0)
    assert (found.kind, found.source) == ("assumption", None)


def test_a_count_is_a_proportion_with_its_uncertainty() -> None:
    found = parameter(events="1", n="6", unit="proportion")
    assert found.distribution == Beta.from_count(1, 6)
    assert found.value == pytest.approx(1 / 6)
    assert (found.low, found.high) == (None, None)


def test_a_counted_zero_is_a_figure() -> None:
    assert parameter(events="0", n="30", unit="proportion").value == 0.0


@pytest.mark.parametrize(
    ("unit", "value", "columns"),
    [
        ("probability", "1.2", ["value"]),
        ("Proportion", "-0.1", ["value"]),
        ("mg", "-0.1", []),  # without a support anything goes
    ],
)
def test_the_unit_says_the_support(unit: str, value: str, columns: list[str]) -> None:
    assert fault_columns(unit=unit, value=value) == columns


@pytest.mark.parametrize(
    ("support", "value", "columns"), [(">0", "0", ["value"]), (">0", "2", []), ("0..1", "2", ["value"])]
)
def test_a_support_of_its_own(support: str, value: str, columns: list[str]) -> None:
    assert fault_columns(support=support, value=value) == columns


def test_a_positive_input_may_have_a_limit_of_zero_only_where_its_range_ends() -> None:
    assert fault_columns(support=">0", value="2", low="0", high="5", interval="range") == []


def test_a_remembered_figure_is_not_verified() -> None:
    found = parameter(value="1", seen="memory", source="")
    assert (found.verified, found.source) == (False, None)
    assert fault_columns(value="1", source="") == ["source"]


def test_arabic_label() -> None:
    assert parameter(value="1", label="Dose", label_ar="الجرعة").label.ar == "الجرعة"
    assert fault_columns(value="1", label="", label_ar="الجرعة") == ["label"]


def test_a_name_is_given_even_by_a_faulty_row() -> None:
    ledger = Ledger("parameters.csv")
    assert read_parameters(b"name,unit,value\nx,,1\n", ledger) == {}
    assert ledger.known["parameter"] == {"x"}
