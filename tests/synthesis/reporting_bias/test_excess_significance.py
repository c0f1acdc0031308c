"""Test of excess significance, against the whole reference file, all outcomes, and at the edges."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.reporting_bias.excess_significance import (
    EXCESS_TESTS,
    excess_significance_test,
    number_of_heads,
)
from tests.synthesis.reporting_bias.reference import agrees, cases

FIELDS = {"k": "k", "O": "observed", "E": "expected", "OEratio": "ratio", "X2": "statistic", "pval": "p_value",
          "theta": "theta"}  # fmt: skip


@cases("tes")
def test_reference(case):
    yi, vi, expected = case["data"]["yi"], case["data"]["vi"], case["expected"]
    if case["options"]["theta"] == "REML estimate and tau2":
        with_heterogeneity(np.array(yi), np.array(vi), expected)
        return
    result = excess_significance_test(yi, vi, test=case["options"]["test"], alpha=case["options"]["alpha"])
    for theirs, ours in FIELDS.items():
        agrees(getattr(result, ours), expected[theirs], 1e-10, theirs)
    assert result.power == pytest.approx(expected["power"], rel=1e-10)


def with_heterogeneity(yi, vi, expected):
    """The reference integrates power over ±5 tau only; over the whole distribution it is ours."""
    pooled = meta_analysis(yi, vi, test="z")
    theta, tau = pooled.estimate, math.sqrt(pooled.tau2)
    result = excess_significance_test(yi, vi, theta=theta, tau2=pooled.tau2, test="chi2")
    agrees(theta, expected["theta"], 1e-8)
    assert result.observed == expected["O"]

    def power(width):
        if tau == 0:
            return float(sum(ndtr(sign * theta / np.sqrt(vi) - 1.959963984540054) for sign in (1, -1)).sum())
        total = 0.0
        for se in np.sqrt(vi):
            total += quad(
                lambda z, se=se: math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
                * sum(ndtr(sign * (theta + tau * z) / se - 1.959963984540054) for sign in (1, -1)),
                -width, width, epsabs=0, epsrel=1e-12, limit=400, points=[-2, 0, 2],
            )[0]  # fmt: skip
        return total

    agrees(result.expected, power(12), 1e-10)
    truncated = power(5)
    agrees(truncated, expected["E"], 1e-6)
    k = yi.size
    statistic = (expected["O"] - expected["E"]) ** 2 * (1 / expected["E"] + 1 / (k - expected["E"]))
    agrees(statistic, expected["X2"], 1e-8)
    assert result.statistic == pytest.approx(expected["X2"], rel=2e-3, abs=1e-6)
    assert result.p_value == pytest.approx(expected["pval"], rel=2e-5)


def test_unequal_coins_by_all_outcomes():
    chances = np.array([0.1, 0.5, 0.93, 0.3, 0.77])
    by_count = np.zeros(6)
    for heads in itertools.product((0, 1), repeat=5):
        by_count[sum(heads)] += math.prod(p if up else 1 - p for p, up in zip(chances, heads, strict=True))
    assert number_of_heads(chances) == pytest.approx(by_count, rel=1e-13)


def test_equal_coins_are_binomial():
    heads = number_of_heads(np.full(40, 0.05))
    assert heads[20] == pytest.approx(math.comb(40, 20) * 0.05**20 * 0.95**20, rel=1e-12)


def test_two_thousand_studies_are_counted_exactly():
    rng = np.random.default_rng(2)
    vi = rng.uniform(0.01, 1, 2000)
    result = excess_significance_test(rng.normal(0.2, np.sqrt(vi)), vi)
    assert 0.001 < result.p_value < 0.999


@pytest.mark.parametrize("test", EXCESS_TESTS)
class TestOptions:
    def test_directions_share_the_outcome(self, test):
        yi, vi = [0.5, 0.9, 0.3, 0.1], [0.02, 0.03, 0.04, 0.05]
        p = {way: excess_significance_test(yi, vi, theta=0.3, test=test, excess_alternative=way).p_value
             for way in ("greater", "less", "two-sided")}  # fmt: skip
        assert p["greater"] + p["less"] >= 1 - 1e-12
        assert p["two-sided"] <= 1

    def test_at_the_limit_the_test_sits_at_its_level(self, test):
        yi, vi = [0.9, 0.8, 0.7, 0.9, 0.0], [0.1, 0.1, 0.09, 0.1, 0.001]
        result = excess_significance_test(yi, vi, test=test)
        (limit,) = result.theta_limits
        assert result.p_value < 0.10
        at_limit = excess_significance_test(yi, vi, theta=limit, test=test)
        assert at_limit.p_value == pytest.approx(0.10, rel=1e-6)

    def test_no_study_significant(self, test):
        result = excess_significance_test([0.01, 0.02], [1.0, 1.0], test=test)
        assert result.observed == 0
        assert result.p_value > 0.5
        assert math.isnan(result.theta_limits[0])

    def test_power_of_one(self, test):
        result = excess_significance_test([100.0, 100.0], [1.0, 1.0], test=test)
        assert (result.observed, result.expected) == (2, pytest.approx(2))
        assert 0.4 < result.p_value <= 1

    def test_one_sided_studies_mirror(self, test):
        yi, vi = np.array([0.5, 0.9, 0.3, -0.1]), [0.02, 0.03, 0.04, 0.05]
        up = excess_significance_test(yi, vi, test=test, alternative="greater")
        down = excess_significance_test(-yi, vi, test=test, alternative="less")
        assert (up.observed, up.p_value) == (down.observed, pytest.approx(down.p_value))
        assert up.power == pytest.approx(down.power)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"test": "fisher"}, "test 'fisher'"),
        ({"alternative": "up"}, "alternative 'up'"),
        ({"excess_alternative": "up"}, "excess_alternative 'up'"),
        ({"alpha": 5}, "alpha = 5"),
        ({"tau2": -0.1}, "tau2 = -0.1"),
    ],
)
def test_what_there_is_not_is_named(options, says):
    with pytest.raises(ValueError, match=says):
        excess_significance_test([0.1, 0.2], [0.1, 0.1], **options)
