"""Rothman, Greenland & Lash (2008), Modern Epidemiology, 3rd ed., ch. 15: stratified tables; limits are of 90 %."""

import math

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.counts.generalised_linear import mixed_model
from evenhand.synthesis.counts.mantel_haenszel_rates import mantel_haenszel_rates
from evenhand.synthesis.counts.mantel_haenszel_tables import mantel_haenszel
from tests.printed import printed

# Table 15-1: deaths and patients, tolbutamide and placebo, younger and older than 55.
TOLBUTAMIDE = ([8, 22], [106, 98], [5, 16], [120, 85])
# Table 15-2: coronary deaths of doctors by age, smokers and not; ten thousands of person-years.
SMOKERS = [32, 104, 206, 186, 102], np.array([52407, 43248, 28612, 12663, 5317]) / 1e4
NOT_SMOKERS = [2, 12, 28, 28, 31], np.array([18790, 10673, 5710, 2585, 1462]) / 1e4
# Table 15-5: mothers who used spermicide among those of children with Down syndrome and among controls, by age.
SPERMICIDE = ([3, 1], [12, 4], [104, 5], [1163, 91])


def arrays(arms):
    return [np.asarray(column, dtype=float) for column in arms]


def test_risk_differences_and_ratios_of_the_strata():
    differences, _ = MEASURES["RD"].estimate(*arrays(TOLBUTAMIDE))
    assert list(differences) == [printed("0.034"), printed("0.036")]
    log_ratios, _ = MEASURES["RR"].estimate(*arrays(TOLBUTAMIDE))
    assert list(np.exp(log_ratios)) == [printed("1.81"), printed("1.19")]


def test_crude_risk_difference_and_ratio():
    crude = [[column.sum()] for column in arrays(TOLBUTAMIDE)]
    assert MEASURES["RD"].estimate(*arrays(crude))[0][0] == printed("0.045")
    assert math.exp(MEASURES["RR"].estimate(*arrays(crude))[0][0]) == printed("1.44")


def test_pooled_risk_difference():
    """The chapter prints 0.088 for the upper limit and a heterogeneity of 0.001; they are 0.0874 and 0.0017."""
    fit = mantel_haenszel(*TOLBUTAMIDE, measure="RD", level=0.90)
    assert fit.estimate == printed("0.035")
    assert fit.ci_lower == printed("-0.018")
    assert fit.q_p_value == printed("0.97")


def ratio_with_limits(fit):
    return [math.exp(value) for value in (fit.estimate, fit.ci_lower, fit.ci_upper)]


@pytest.mark.parametrize(
    ("measure", "ratio", "q_p_value"),
    [("RR", ("1.33", "0.87", "2.03"), "0.50"), ("OR", ("1.40", "0.84", "2.34"), "0.56")],
)
def test_pooled_ratio_of_risks_or_odds(measure, ratio, q_p_value):
    fit = mantel_haenszel(*TOLBUTAMIDE, measure=measure, level=0.90)
    assert ratio_with_limits(fit) == [printed(text) for text in ratio]
    assert fit.q_p_value == printed(q_p_value)


def test_association_and_homogeneity():
    """The statistics are of the metafor project's page of the example."""
    fit = mantel_haenszel(*TOLBUTAMIDE, measure="OR", correct=False)
    assert fit.cochran.statistic == printed("1.1976")
    assert fit.mantel_haenszel.statistic == printed("1.1914")
    assert fit.mantel_haenszel.p_value == printed("0.2750")
    assert fit.tarone.statistic == printed("0.3489")
    assert fit.tarone.p_value == printed("0.5547")


@pytest.mark.parametrize(("measure", "by_age"), [("IRD", "5.0 12.8 23.0 38.6 -20.2"), ("IRR", "5.7 2.1 1.5 1.4 0.90")])
def test_rates_of_the_strata(measure, by_age):
    yi, _ = MEASURES[measure].estimate(*arrays((*SMOKERS, *NOT_SMOKERS)))
    shown = np.exp(yi) if measure == "IRR" else yi
    assert list(shown) == [printed(text) for text in by_age.split()]


def test_pooled_rate_difference():
    """Per ten thousand person-years."""
    fit = mantel_haenszel_rates(*SMOKERS, *NOT_SMOKERS, measure="IRD", level=0.90)
    assert [fit.estimate, fit.ci_lower, fit.ci_upper] == [printed("11.44"), printed("6.35"), printed("16.53")]
    assert fit.q == printed("26.88")


def test_pooled_rate_ratio():
    fit = mantel_haenszel_rates(*SMOKERS, *NOT_SMOKERS, measure="IRR", correct=False, level=0.90)
    assert ratio_with_limits(fit) == [printed("1.42"), printed("1.19"), printed("1.70")]
    assert fit.q == printed("10.41")
    assert fit.mantel_haenszel.statistic == printed("11.02")


@pytest.mark.parametrize("model", ["UM.FS", "CM.EL"])
def test_likeliest_rate_ratio(model):
    """Conditional and unconditional likelihoods of rates have the same peak."""
    fit = mixed_model(*SMOKERS, *NOT_SMOKERS, measure="IRR", model=model, method="EE", level=0.90)
    assert ratio_with_limits(fit) == [printed("1.43"), printed("1.19"), printed("1.70")]
    assert fit.wald.statistic == printed("10.20")
    assert fit.likelihood_ratio.statistic == printed("12.13")


def test_pooled_odds_ratio_of_sparse_tables():
    fit = mantel_haenszel(*SPERMICIDE, measure="OR", correct=False, level=0.90)
    assert ratio_with_limits(fit) == [printed("3.78"), printed("1.43"), printed("10.00")]
    assert fit.mantel_haenszel.statistic == printed("5.81")
    assert fit.mantel_haenszel.p_value == printed("0.016")


@pytest.mark.parametrize(
    ("model", "ratio"), [("UM.FS", ("3.79", "1.43", "10.03")), ("CM.EL", ("3.76", "1.43", "9.93"))]
)
def test_likeliest_odds_ratio_of_sparse_tables(model, ratio):
    fit = mixed_model(*SPERMICIDE, model=model, method="EE", level=0.90)
    assert ratio_with_limits(fit) == [printed(text) for text in ratio]
