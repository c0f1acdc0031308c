"""Viechtbauer (2007), Statist. Med. 26, 37-52, table II: nine trials of diuretics in pregnancy."""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.dependent.profile_intervals import profile_interval
from evenhand.synthesis.heterogeneity import heterogeneity_of
from evenhand.synthesis.pairwise import meta_analysis, pooled_fit
from evenhand.synthesis.regression.mixed_effects import meta_regression
from tests.printed import printed

# Pre-eclampsia and women: treated, control.
TRIALS = np.array(
    [(14, 131, 14, 136), (21, 385, 17, 134), (14, 57, 24, 48), (6, 38, 18, 40), (12, 1011, 35, 760),
     (138, 1370, 175, 1336), (15, 506, 20, 524), (6, 108, 2, 103), (65, 153, 40, 102)], dtype=float,
)  # fmt: skip
YI, VI = MEASURES["OR"].estimate(*TRIALS.T)


@pytest.mark.parametrize(("method", "tau2"), [("DL", "0.23"), ("ML", "0.24"), ("REML", "0.30"), ("SJ", "0.46")])
def test_table_2_estimates(method, tau2):  # p. 44
    assert meta_analysis(YI, VI, method=method).tau2 == printed(tau2)


def test_table_2_q_profile():  # p. 44
    interval = meta_regression(YI, VI, method="DL").tau2_interval()
    assert interval.lower == printed("0.07")
    assert interval.upper == printed("2.20")


@pytest.mark.parametrize(
    ("method", "interval", "lower", "upper"),
    [
        ("DL", "BT", "0.05", "2.36"),
        ("ML", "PL", "0.03", "1.13"),
        ("REML", "PL", "0.04", "1.47"),
        ("ML", "Wald", "0.00", "0.58"),
        ("REML", "Wald", "0.00", "0.73"),
    ],
)
def test_table_2_other_intervals(method, interval, lower, upper):  # p. 44
    found = heterogeneity_of(pooled_fit(YI, VI, method=method, test="z"), interval=interval)
    assert found.tau2_lower == printed(lower)
    assert found.tau2_upper == printed(upper)


@pytest.mark.parametrize(("method", "lower", "upper"), [("ML", "0.03", "1.13"), ("REML", "0.04", "1.47")])
def test_profile_likelihood_as_a_model_of_random_intercepts(method, lower, upper):
    fit = multilevel(YI, VI, random="~ 1 | trial", data={"trial": range(9)}, method=method)
    found = profile_interval(fit, 0)
    assert (found.ci_lower, found.ci_upper) == (printed(lower), printed(upper))
