import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.integrity.finding import Severity
from evenhand.integrity.percentages import PERCENTAGES
from evenhand.words.catalogue import Catalogue
from tests.builders import a_dossier, a_result


def findings(**figures):
    return list(PERCENTAGES.find(a_dossier([a_result(row=2, **figures)])))


@pytest.mark.parametrize(
    ("events", "n", "percent"),
    [(6, 16, "37.5"), (6, 16, "37"), (6, 16, "38"), (3, 16, "18.7"), (3, 16, "18.75 %"), (1, 3, "33,3"), (0, 25, "0")],
)
def test_true_percentages_pass(events, n, percent):
    assert findings(events=events, n=n, percent=percent) == []
    assert findings(n=n, percent=percent) == []


@pytest.mark.parametrize(("n", "percent"), [(16, "40"), (16, "37.6"), (7, "50"), (23, "10.5"), (40, "101")])
def test_percentages_of_no_count(n, percent):
    (finding,) = findings(n=n, percent=percent)
    assert finding.severity is Severity.CONCERN
    assert percent in Catalogue.load("en").say(finding.detail)


def test_percentage_of_another_count():
    (finding,) = findings(events=6, n=16, percent="18.8")
    assert finding.severity is Severity.CONCERN
    assert "37.5 %" in Catalogue.load("en").say(finding.detail)


def test_percentage_of_all_randomised():
    (finding,) = findings(events=6, n=16, n_randomised=25, percent="24")
    assert finding.severity is Severity.NOTE
    (finding,) = findings(n=16, n_randomised=25, percent="24")
    assert finding.severity is Severity.NOTE


@pytest.mark.parametrize("percent", ["<1", "about 40", ""])
def test_what_is_no_figure_is_left_alone(percent):
    assert findings(n=16, percent=percent) == []


@given(st.integers(1, 400), st.data(), st.integers(0, 2))
def test_no_true_percentage_is_ever_flagged(n, data, digits):
    events = data.draw(st.integers(0, n))
    assert findings(events=events, n=n, percent=f"{100 * events / n:.{digits}f}") == []
