"""van Houwelingen, Arends & Stijnen (2002), Statist. Med. 21, 589-624: 13 BCG trials (Colditz et al. 1994)."""

import math

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.heterogeneity import heterogeneity_of
from evenhand.synthesis.pairwise import meta_analysis, pooled_fit
from evenhand.synthesis.regression.mixed_effects import meta_regression
from tests.printed import printed

# Table I, p. 594: diseased and not, vaccinated; diseased and not, not vaccinated; log odds ratio and its variance.
TABLE_1 = [
    (4, 119, 11, 128, "-0.93869", "0.35712"),
    (6, 300, 29, 274, "-1.66619", "0.20813"),
    (3, 228, 11, 209, "-1.38629", "0.43341"),
    (62, 13536, 248, 12619, "-1.45644", "0.02031"),
    (33, 5036, 47, 5761, "-0.21914", "0.05195"),
    (180, 1361, 372, 1079, "-0.95812", "0.00991"),
    (8, 2537, 10, 619, "-1.63378", "0.22701"),
    (505, 87886, 499, 87892, "0.01202", "0.00401"),
    (29, 7470, 45, 7232, "-0.47175", "0.05698"),
    (17, 1699, 65, 1600, "-1.40121", "0.07542"),
    (186, 50448, 141, 27197, "-0.34085", "0.01253"),
    (5, 2493, 3, 2338, "0.44663", "0.53416"),
    (27, 16886, 29, 17825, "-0.01734", "0.07164"),
]


@pytest.mark.parametrize(("a", "b", "c", "d", "log_odds_ratio", "variance"), TABLE_1)
def test_table_1(a, b, c, d, log_odds_ratio, variance):
    yi, vi = MEASURES["OR"].estimate(*(np.array([float(count)]) for count in (a, a + b, c, c + d)))
    assert yi[0] == printed(log_odds_ratio)
    assert vi[0] == printed(variance)


def log_odds_ratios():
    counts = np.array([row[:4] for row in TABLE_1], dtype=float)
    yi, vi = MEASURES["OR"].estimate(counts[:, 0], counts[:, :2].sum(axis=1), counts[:, 2], counts[:, 2:].sum(axis=1))
    return yi, vi


@pytest.mark.parametrize(
    ("method", "log_odds_ratio", "se", "tau2", "odds_ratio", "ci_lower", "ci_upper"),
    [
        ("EE", "-0.436", "0.042", "0.000", "0.647", "0.595", "0.702"),  # p. 596, which prints 0.703
        ("ML", "-0.742", "0.178", "0.302", "0.476", "0.336", "0.675"),  # p. 597
    ],
)
def test_pooled_odds_ratio(method, log_odds_ratio, se, tau2, odds_ratio, ci_lower, ci_upper):
    fit = meta_analysis(*log_odds_ratios(), method=method, test="z")
    assert fit.estimate == printed(log_odds_ratio)
    assert fit.se == printed(se)
    assert fit.tau2 == printed(tau2)
    assert math.exp(fit.estimate) == printed(odds_ratio)
    assert math.exp(fit.ci_lower) == printed(ci_lower)
    assert math.exp(fit.ci_upper) == printed(ci_upper)


ABSOLUTE_LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33])


def log_odds_of_both_arms(X=None):
    """Bivariate model of section 4: log odds of disease, not vaccinated (CON) and vaccinated (EXP), of each trial."""
    counts = np.array([row[:4] for row in TABLE_1], dtype=float)
    pairs = counts[:, [2, 3, 0, 1]].reshape(-1, 2)
    data = {"group": ["CON", "EXP"] * 13, "trial": np.repeat(range(13), 2)}
    exp = np.tile([0.0, 1.0], 13)
    design = np.column_stack([np.ones(26), exp])
    if X == "latitude":
        latitude = np.repeat(ABSOLUTE_LATITUDE - 33, 2)
        design = np.column_stack([design, latitude, latitude * exp])
    yi, vi = np.log(pairs[:, 0] / pairs[:, 1]), (1 / pairs).sum(axis=1)
    return multilevel(yi, vi, design, random="~ group | trial", structure="UN", data=data, method="ML")


def test_bivariate_model():
    """Pp. 604-605."""
    fit = log_odds_of_both_arms()
    assert list(fit.beta) == [printed("-4.096"), printed("-0.738")]
    assert list(fit.se) == [printed("0.435"), printed("0.180")]
    assert list(fit.tau2) == [printed("2.407"), printed("1.431")]
    assert fit.rho[0] == printed("0.947")
    assert fit.beta.sum() == printed("-4.834")
    assert math.exp(fit.beta[1]) == printed("0.478")
    assert math.exp(fit.ci_lower[1]) == printed("0.336")
    assert math.exp(fit.ci_upper[1]) == printed("0.680")
    G = fit.covariance_of_levels()
    assert G[0, 0] + G[1, 1] - 2 * G[0, 1] == printed("0.324")


def test_bivariate_regression_on_latitude():
    """Pp. 612-613: the correlation reaches 1."""
    fit = log_odds_of_both_arms("latitude")
    assert list(fit.beta) == [printed(figure) for figure in ("-4.117", "-0.708", "0.072", "-0.033")]
    assert list(fit.se) == [printed(figure) for figure in ("0.306", "0.048", "0.022", "0.003")]
    assert list(fit.tau2) == [printed("1.18"), printed("1.23")]
    assert fit.rho[0] == printed("1.000")


def test_intervals_of_the_heterogeneity():
    """Page 597: by the likelihood's profile; the last places are those of the metafor project's page.

    The paper's interval by Q is 0.1350 to 1.1810, from an approximation of its distribution; exact is that project's.
    """
    fit = pooled_fit(*log_odds_ratios(), method="ML", test="z")
    profile = heterogeneity_of(fit, interval="PL")
    assert (profile.tau2_lower, profile.tau2_upper) == (printed("0.1151"), printed("0.8937"))
    exact = heterogeneity_of(fit)
    assert (exact.tau2_lower, exact.tau2_upper) == (printed("0.130"), printed("1.181"))


def test_where_effects_lie():
    """Page 599: mean and between-trial variance as if both were known."""
    fit = meta_analysis(*log_odds_ratios(), method="ML", test="z")
    half = 1.959964 * math.sqrt(fit.tau2)
    assert fit.estimate - half == printed("-1.820")
    assert fit.estimate + half == printed("0.336")
    assert fit.pi_lower == printed("-1.875")  # the project's page: the mean's own error counted
    assert fit.pi_upper == printed("0.391")


def test_regression_on_latitude():
    """Pages 608-609."""
    found = meta_regression(*log_odds_ratios(), "~ latitude", {"latitude": ABSOLUTE_LATITUDE}, method="ML", test="z")
    assert list(found.fit.beta) == [printed("0.371"), printed("-0.033")]
    assert list(found.fit.se) == [printed("0.106"), printed("0.003")]
    assert found.fit.tau2 == printed("0.004")
    assert found.r2 == printed("98.7")
