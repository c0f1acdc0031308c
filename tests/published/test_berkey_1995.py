"""Berkey, Hoaglin, Mosteller & Colditz (1995), Statist. Med. 14, 395-411: BCG trials by distance from the equator."""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.regression.mixed_effects import meta_regression
from tests.printed import printed
from tests.published.test_van_houwelingen_2002 import TABLE_1

LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
COUNTS = np.array([row[:4] for row in TABLE_1], dtype=float)
YI, _ = MEASURES["RR"].estimate(COUNTS[:, 0], COUNTS[:, :2].sum(axis=1), COUNTS[:, 2], COUNTS[:, 2:].sum(axis=1))
# Their smoothed variances: the trials' mean odds of staying well, over each arm's size.
VI = (COUNTS[:, 1] / COUNTS[:, 0]).mean() / COUNTS[:, :2].sum(axis=1) + (COUNTS[:, 3] / COUNTS[:, 2]).mean() / COUNTS[
    :, 2:
].sum(axis=1)
DATA = {"ablat": LATITUDE}


def test_random_effects():  # p. 408
    fit = meta_analysis(YI, VI, method="EB", test="z")
    assert fit.estimate == printed("-0.5429")
    assert fit.se == printed("0.1842")
    assert fit.tau2 == printed("0.268")


@pytest.mark.parametrize(
    ("method", "intercept", "slope", "se_intercept", "se_slope", "at_mean", "at_42"),
    [
        ("EB", "-0.6303", "-0.0268", "0.1591", "0.0110", "0.53", "0.42"),  # p. 408, which prints -0.6304
        ("EE", "-0.5949", "-0.0282", "0.0696", "0.0040", "0.55", "0.43"),  # p. 408, which prints -0.5950 and 0.0039
    ],
)
def test_regression_on_latitude(method, intercept, slope, se_intercept, se_slope, at_mean, at_42):
    found = meta_regression(YI, VI, "~ I(ablat - 33.46)", DATA, method=method, test="z")
    assert found.fit.beta[0] == printed(intercept)
    assert found.fit.beta[1] == printed(slope)
    assert found.fit.se[0] == printed(se_intercept)
    assert found.fit.se[1] == printed(se_slope)
    ratios = np.exp(found.predict({"ablat": [33.46, 42]}).mean)
    assert ratios[0] == printed(at_mean)
    assert ratios[1] == printed(at_42)


def test_latitude_explains_two_fifths_of_the_heterogeneity():  # p. 408: 41 %
    found = meta_regression(YI, VI, "~ ablat", DATA, method="EB", test="z")
    assert found.fit.tau2 == printed("0.157")
    assert found.r2 == printed("41")
