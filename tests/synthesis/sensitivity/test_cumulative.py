"""Cumulative meta-analysis against the reference numbers, and its orders."""

import numpy as np
import pytest

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.sensitivity.cumulative import cumulative
from tests.conftest import golden

CASES = [case for case in golden("bias.json") if case["task"] == "cumul"]
OURS = {"b": "estimate", "se": "se", "pval": "p_value", "tau2": "tau2", "I2": "i2"}


def test_nothing_drops_out():
    assert len(CASES) == 24
    assert {name for case in CASES for name in case["expected"]} == set(OURS)
    assert {case["options"]["order"] for case in CASES} == {"as given"}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    steps = cumulative(case["data"]["yi"], case["data"]["vi"], method=case["options"]["method"], test="z")
    for theirs, expected in case["expected"].items():
        assert getattr(steps.fits, OURS[theirs]) == pytest.approx(expected, rel=1e-10, abs=1e-12), theirs


YI, VI = [0.3, 0.9, -0.2, 0.5, 0.6], [0.1, 0.2, 0.05, 0.3, 0.1]
YEARS = [1999, 1987, 1999, 1991, 1987]


def test_ties_keep_the_order_given():
    steps = cumulative(YI, VI, YEARS)
    assert steps.added == ((1,), (4,), (3,), (0,), (2,))
    last, whole = steps.fits.estimate[-1], meta_analysis(YI, VI)
    assert (last, steps.fits.tau2[-1]) == pytest.approx((whole.estimate, whole.tau2), rel=1e-9)
    third = meta_analysis([YI[i] for i in (1, 4, 3)], [VI[i] for i in (1, 4, 3)])
    assert (steps.fits.estimate[2], steps.fits.ci_upper[2]) == pytest.approx((third.estimate, third.ci_upper), rel=1e-9)


def test_ties_may_come_in_together():
    steps = cumulative(YI, VI, YEARS, together=True)
    assert steps.added == ((1, 4), (3,), (0, 2))
    assert steps.fits.k.tolist() == [2, 3, 5]


def test_one_study():
    steps = cumulative([0.2], [0.04])
    assert steps.fits.estimate.tolist() == [0.2]
    assert steps.fits.se == pytest.approx([0.2])


@pytest.mark.parametrize(
    ("order", "says"), [([1, 2], "one value for each of the 5"), ([1, 2, np.nan, 4, 5], r"order\[2\] = nan")]
)
def test_an_order_that_sorts_nothing_is_named(order, says):
    with pytest.raises(ValueError, match=says):
        cumulative(YI, VI, order)
