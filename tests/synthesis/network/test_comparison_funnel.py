"""The funnel of a network: direction, adjustment, and Egger's line as a weighted regression."""

import numpy as np
import pytest

from evenhand.synthesis.network.comparison_funnel import comparison_funnel
from evenhand.synthesis.network.evidence import network_from_contrasts
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.reporting_bias.asymmetry import asymmetry_test
from tests.synthesis.network.reference_cases import NETWORKS, from_contrasts, ids


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_adjusted_effects(case):
    fit = fit_network(from_contrasts(case), method="DL")
    order = list(reversed(fit.treatments))
    found = comparison_funnel(fit, order)
    direct = fit.league_table().upper
    assert (found.first < found.second).all()
    for at in range(len(found.study)):
        i, j = (fit.treatments.index(order[t]) for t in (found.first[at], found.second[at]))
        assert found.adjusted[at] == pytest.approx(found.yi[at] - direct.estimate[i, j], abs=1e-12)


def test_one_comparison_is_eggers_test():
    """Effects less a constant have the slope of the effects."""
    rng = np.random.default_rng(3)
    sei = rng.uniform(0.1, 0.8, 12)
    yi = 0.3 + 0.9 * sei + rng.normal(size=12) * sei
    evidence = network_from_contrasts([str(i) for i in range(12)], ["A"] * 12, ["B"] * 12, yi, sei)
    fit = fit_network(evidence)
    own = asymmetry_test(yi, sei**2, model="lm")
    found = comparison_funnel(fit, ["A", "B"])
    assert (found.slope, found.se_slope) == (pytest.approx(own.slope), pytest.approx(own.se_slope))
    assert (found.df, found.p_value) == (10, pytest.approx(own.p_value))
    turned = comparison_funnel(fit, ["B", "A"])
    assert turned.slope == pytest.approx(-own.slope)


def test_a_comparison_of_one_study_lies_at_0_and_is_not_tested():
    evidence = network_from_contrasts(["1", "2"], ["A", "B"], ["B", "C"], [1.0, 2.0], [1.0, 1.0])
    found = comparison_funnel(fit_network(evidence), ["A", "B", "C"])
    assert found.adjusted.tolist() == [0.0, 0.0]
    assert np.isnan(found.p_value)


@pytest.mark.parametrize(
    ("order", "said"),
    [(["A"], "it lacks B"), (["A", "B", "C"], "no study has C"), (["A", "B", "A"], "name every treatment once")],
)
def test_an_order_that_is_none(order, said):
    fit = fit_network(network_from_contrasts(["1"], ["A"], ["B"], [1.0], [1.0]))
    with pytest.raises(ValueError, match=said):
        comparison_funnel(fit, order)
