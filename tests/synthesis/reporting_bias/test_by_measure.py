"""Asymmetry tests made for one measure: Harbord, Peters, Macaskill, Deeks, Thompson, Schwarzer, Pustejovsky."""

import math

import numpy as np
import pytest

from evenhand.synthesis.reporting_bias.asymmetry import asymmetry_test
from evenhand.synthesis.reporting_bias.begg import begg_test
from evenhand.synthesis.reporting_bias.deeks import deeks_test
from evenhand.synthesis.reporting_bias.harbord import harbord_test
from evenhand.synthesis.reporting_bias.peters import macaskill_test, peters_test
from evenhand.synthesis.reporting_bias.pustejovsky import pustejovsky_test
from evenhand.synthesis.reporting_bias.schwarzer import _mean_and_variance, schwarzer_test
from evenhand.synthesis.reporting_bias.thompson import thompson_test
from tests.synthesis.reporting_bias.reference import agrees, cases

TESTS = {
    "Begg": lambda yi, vi, arms, used, measure: begg_test(yi, vi, exact=False),
    "Egger": lambda yi, vi, arms, used, measure: asymmetry_test(yi, vi, model="lm"),
    "Thompson": lambda yi, vi, arms, used, measure: thompson_test(yi, vi, method="DL"),
    "Harbord": lambda yi, vi, arms, used, measure: harbord_test(*arms, measure=measure),
    "Macaskill": lambda yi, vi, arms, used, measure: macaskill_test(yi, vi, used[1] + used[3]),
    "Peters": lambda yi, vi, arms, used, measure: peters_test(yi, *used),
    "Deeks": lambda yi, vi, arms, used, measure: deeks_test(yi, used[1], used[3]),
    "Schwarzer": lambda yi, vi, arms, used, measure: schwarzer_test(*arms),
}


def effects(a, n1, c, n2, measure):
    """The reference's effects: a half to each cell of a table with an empty one, of arms enlarged by a half for RR."""
    half = 0.5 * ((a == 0) | (c == 0) | (a == n1) | (c == n2))
    a, b, c, d = a + half, n1 - a + half, c + half, n2 - c + half
    if measure == "OR":
        return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    n1, n2 = n1 + half, n2 + half
    return np.log(a / n1 / (c / n2)), 1 / a - 1 / n1 + 1 / c - 1 / n2


@cases("metabias")
def test_reference(case):
    a, b, c, d = (np.array(case["data"][name], dtype=float) for name in ("ai", "bi", "ci", "di"))
    arms = (a, a + b, c, c + d)
    # The reference leaves out studies without, or with nothing but, events; tests of counts do so by themselves.
    informative = ~(((a == 0) & (c == 0)) | ((b == 0) & (d == 0)))
    used = tuple(cell[informative] for cell in arms)
    measure, expected = case["options"]["sm"], case["expected"]
    result = TESTS[case["options"]["method_bias"]](*effects(*used, measure), arms, used, measure)
    agrees(result.statistic, expected["statistic"], 1e-10)
    agrees(result.p_value, expected["pval"], 1e-10)
    by_ranks = case["options"]["method_bias"] in ("Begg", "Schwarzer")
    estimates = (result.score, result.se_score) if by_ranks else (result.slope, result.se_slope)
    for ours, theirs in zip(estimates, expected["estimate"], strict=True):
        agrees(ours, theirs, 1e-10)
    if not by_ranks:
        assert result.df == expected["df"]
        agrees(result.intercept, expected["intercept"], 1e-10)


def test_studies_without_events_change_nothing():
    arms = [np.array(row, dtype=float) for row in ([1, 4, 9, 3], [20, 40, 60, 25], [3, 2, 12, 5], [22, 38, 61, 24])]
    more = [np.append(row, extra) for row, extra in zip(arms, ([0, 7], [50, 7], [0, 9], [50, 9]), strict=True)]
    yi = [0.1, 0.5, -0.2, -0.3]
    assert harbord_test(*more) == harbord_test(*arms)
    assert schwarzer_test(*more) == schwarzer_test(*arms)
    assert peters_test([*yi, math.nan, math.nan], *more) == peters_test(yi, *arms)


def test_harbord_information_of_a_risk_ratio_with_unequal_arms():
    arms = ([5, 9, 20, 3], [50, 80, 100, 40], [4, 3, 15, 6], [50, 80, 100, 40])
    assert harbord_test(*arms, measure="RR", equal_arms=False) == harbord_test(*arms, measure="RR")
    unequal = ([5, 9, 20, 3], [50, 80, 100, 40], [4, 3, 15, 6], [25, 90, 50, 60])
    assert harbord_test(*unequal, measure="RR", equal_arms=False) != harbord_test(*unequal, measure="RR")


def test_counts_given_margins_by_all_tables():
    # 3 of 5 treated and 4 control, 3 with the event: every table by hand, odds ratio 2.
    ways = {j: math.comb(5, j) * math.comb(4, 3 - j) * 2**j for j in range(4)}
    mean = sum(j * way for j, way in ways.items()) / sum(ways.values())
    variance = sum((j - mean) ** 2 * way for j, way in ways.items()) / sum(ways.values())
    assert _mean_and_variance(5, 4, 3, math.log(2)) == (pytest.approx(mean), pytest.approx(variance))


def test_pustejovsky_is_a_weighted_regression_on_the_sizes():
    yi, vi = np.array([0.1, 0.9, 0.4, 0.6]), np.array([0.05, 0.2, 0.1, 0.15])
    n_t, n_c = np.array([40.0, 10, 20, 15]), np.array([42.0, 12, 22, 14])
    result = pustejovsky_test(yi, vi, n_t, n_c)
    x = np.sqrt(1 / n_t + 1 / n_c)
    slope, intercept = np.polyfit(x, yi, 1, w=1 / np.sqrt(vi))
    assert (result.intercept, result.slope) == (pytest.approx(intercept), pytest.approx(slope))
    assert result.df == 2


@pytest.mark.parametrize("k", [0, 1, 2])
def test_too_few(k):
    few = [[*row[:k], 0] for row in ([1, 4], [20, 40], [3, 2], [22, 38])]  # and a study of nobody
    for result in (harbord_test(*few), schwarzer_test(*few), peters_test([0.1] * (k + 1), *few)):
        assert result.not_computed.params == {"k": k, "least": 3}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: harbord_test([5], [4], [1], [4]), r"events_t\[0\] = 5"),
        (lambda: harbord_test([1], [4], [1], [4], measure="RD"), "measure 'RD'"),
        (lambda: peters_test([math.nan], [1], [4], [1], [4]), r"yi\[0\] = nan"),
        (lambda: peters_test([0.1, 0.2], [1], [4], [1], [4]), "2 effects .* 1 studies"),
        (lambda: macaskill_test([0.1], [0.1], [-5]), r"ni\[0\] = -5"),
        (lambda: deeks_test([0.1, math.inf], [5, 5], [5, 5]), r"yi\[1\] = inf"),
        (lambda: pustejovsky_test([0.1], [0.0], [5], [5]), r"vi\[0\] = 0"),
    ],
)
def test_what_cannot_be_tested_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
