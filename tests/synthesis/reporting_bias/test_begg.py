"""Begg and Mazumdar's test, against the whole reference file, all permutations, and at the edges."""

import itertools
import math

import numpy as np
import pytest

from evenhand.synthesis.reporting_bias.begg import begg_test
from evenhand.synthesis.reporting_bias.kendall import kendall_test
from tests.synthesis.reporting_bias.reference import agrees, cases


@cases("ranktest")
def test_reference(case):
    result = begg_test(case["data"]["yi"], case["data"]["vi"])
    agrees(result.tau, case["expected"]["tau"], 1e-12)
    agrees(result.p_value, case["expected"]["pval"], 1e-10)


@pytest.mark.parametrize("k", [3, 4, 5, 6])
def test_the_exact_distribution_is_that_of_all_orders(k):
    x = np.arange(k, dtype=float)
    scores = [kendall_test("any", x, np.array(order, dtype=float), exact=True).score
              for order in itertools.permutations(range(k))]  # fmt: skip
    for order in itertools.permutations(range(k)):
        result = kendall_test("any", x, np.array(order, dtype=float), exact=True)
        tail = np.mean(np.array(scores) >= abs(result.score))
        assert result.p_value == pytest.approx(min(1, 2 * tail), rel=1e-12)


def test_variance_with_ties_is_that_of_all_orders():
    x, y = np.array([1.0, 1, 2, 3, 3, 3]), [1.0, 2, 2, 2, 5, 6]
    scores = [kendall_test("any", x, np.array(order), exact=None).score for order in itertools.permutations(y)]
    result = kendall_test("any", x, np.array(y), exact=True)
    assert not result.exact
    assert result.se_score == pytest.approx(np.std(scores), rel=1e-12)


def test_three_hundred_studies_need_no_normal_distribution():
    rng = np.random.default_rng(1)
    yi, vi = rng.normal(size=300), rng.uniform(0.1, 1, 300)
    exact, normal = begg_test(yi, vi), begg_test(yi, vi, exact=False)
    assert exact.exact
    assert exact.p_value == pytest.approx(normal.p_value, rel=0.02)
    assert exact.p_value != normal.p_value


@pytest.mark.parametrize("k", [1, 2])
def test_too_few(k):
    result = begg_test([0.1, 0.2][:k], [0.1, 0.2][:k])
    assert result.not_computed.key == "bias.none.few_studies"
    assert math.isnan(result.p_value)


def test_one_precision():
    assert begg_test([0.1, 0.2, 0.3], [0.1] * 3).not_computed.key == "bias.none.same_precision"


def test_one_study_that_outweighs_all():
    result = begg_test([0.1, 0.2, 0.3, 0.5], [1e-20, 0.1, 0.2, 0.3])
    assert math.isfinite(result.p_value)
