import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evenhand.effects import MEASURES
from evenhand.integrity.ci import INTERVAL
from evenhand.integrity.finding import Severity
from evenhand.words.catalogue import Catalogue
from tests.builders import a_dossier, a_result, a_scale, an_outcome


def findings(measure, mean, ci_lower, ci_upper, *, arm=False, binary=None):
    outcome = an_outcome("o", measure=measure) if binary else a_scale("o", measure=measure)
    row = a_result(
        outcome="o", comparator=None if arm else "nothing", mean=mean, ci_lower=ci_lower, ci_upper=ci_upper, row=2
    )
    return [(finding.severity, finding.detail.key) for finding in INTERVAL.find(a_dossier([row], outcomes=[outcome]))]


@pytest.mark.parametrize(
    ("measure", "mean", "ci_lower", "ci_upper"),
    [
        ("MD", "-1.8", -3.24, -0.36),  # Lajevardi et al. (2017)
        ("MD", "-0.56", -1.07, -0.04),  # Mapar et al. (2019)
        ("MD", "-4.21", -6.8, -1.63),  # Ma et al. (2023)
        ("RR", "1.58", 1.26, 1.97),  # Rajaratnam et al. (2010), Cochrane
        ("RR", "14.0", 4.43, 44.25),
        ("RR", "10.5", 3.85, 28.6),
        ("RR", "2.15", 1.33, 3.47),
        ("OR", "0.47", 0.34, 0.68),
    ],
)
def test_published_intervals_pass(measure, mean, ci_lower, ci_upper):
    assert findings(measure, mean, ci_lower, ci_upper, binary=measure in ("RR", "OR")) == []


@pytest.mark.parametrize("measure", ["MD", "RR"])
def test_estimate_outside(measure):
    assert findings(measure, "3.1", 1.2, 2.4) == [(Severity.SERIOUS, "integrity.ci.outside")]


def test_rounding_keeps_an_estimate_at_its_limit_inside():
    assert findings("MD", "2.44", 1.2, 2.4)[0][1] != "integrity.ci.outside"


def test_leaning_difference():
    assert findings("MD", "2.00", 1.21, 5.43) == [(Severity.CONCERN, "integrity.ci.leans")]
    assert findings("MD", "2.00", 1.21, 3.22) == [(Severity.NOTE, "integrity.ci.leans")]


def test_ratio_even_on_the_wrong_scale():
    assert findings("RR", "2.0", 0.51, 3.52, binary=True) == [(Severity.CONCERN, "integrity.ci.wrong_scale")]


def test_difference_of_proportions_may_lean():
    # Newcombe's interval of 6/16 - 3/16.
    assert findings("RD", "0.188", -0.12, 0.45, binary=True) == []


def test_without_a_measure_either_scale_will_do():
    assert findings(None, "2.0", 0.56, 7.12, binary=True) == []
    assert findings(None, "0.2", -0.1, 0.5, binary=True) == []


def test_mean_of_an_arm():
    """Lima et al. (2021): 43 (35 to 50) and 33 (23 to 42)."""
    assert findings(None, "43", 35.0, 50.0, arm=True) == []
    assert findings(None, "33", 23.0, 42.0, arm=True) == []
    assert findings(None, "43", 44.5, 50.0, arm=True) == [(Severity.SERIOUS, "integrity.ci.outside")]


@given(st.floats(-50, 50), st.floats(0.02, 20), st.integers(0, 3))
@settings(max_examples=200)
def test_true_difference_is_never_flagged(mean, half, digits):
    figures = [float(f"{figure:.{digits}f}") for figure in (mean - half, mean + half)]
    assert findings("MD", f"{mean:.{digits}f}", *figures) == []


@given(st.integers(4, 60), st.integers(4, 60), st.data(), st.sampled_from(["OR", "RR"]), st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_true_ratio_is_never_flagged(n_t, n_c, data, measure, digits):
    counts = (data.draw(st.integers(1, n_t - 1)), n_t, data.draw(st.integers(1, n_c - 1)), n_c)
    yi, vi = MEASURES[measure].estimate(*(np.array([float(count)]) for count in counts))
    figures = [float(np.exp(yi[0] + z * np.sqrt(vi[0]))) for z in (-1.96, 0, 1.96)]
    assume(figures[0] > 2 * 10**-digits)
    lower, mean, upper = (f"{figure:.{digits}f}" for figure in figures)
    assert findings(measure, mean, float(lower), float(upper), binary=True) == []


def test_says_the_figures():
    row = a_result(outcome="o", comparator="nothing", mean="3.1", ci_lower=1.2, ci_upper=2.4, row=2)
    (finding,) = INTERVAL.find(a_dossier([row], outcomes=[a_scale("o", measure="MD")]))
    said = Catalogue.load("en").say(finding.detail)
    assert all(figure in said for figure in ("1.2", "2.4", "3.1"))
