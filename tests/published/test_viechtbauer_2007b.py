"""Viechtbauer (2007), Psychology Science 49, 104-121: 17 trials of St John's wort against depression."""

import math

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.regression.mixed_effects import meta_regression
from tests.printed import printed

# Linde, Berner, Egger & Mulrow (2005): responders and patients, treated and control; mg a day, weeks, and the score of
# depression before.
TRIALS = np.array(
    [(20, 25, 11, 25, 380, 8, 19.5), (14, 20, 9, 20, 900, 4, 12.5), (4, 25, 2, 25, 900, 4, 22.7),
     (20, 32, 6, 33, 900, 6, 16.5), (28, 50, 13, 55, 900, 4, 15.8), (34, 48, 25, 49, 240, 6, 23.6),
     (35, 53, 12, 54, 900, 4, 20.7), (24, 49, 16, 49, 900, 6, 21.1), (45, 80, 12, 79, 500, 6, 19.4),
     (67, 106, 22, 47, 1050, 6, 22.7), (34, 60, 17, 59, 900, 6, 16.7), (46, 70, 34, 70, 500, 6, 20.9),
     (55, 123, 57, 124, 900, 6, 21.5), (23, 37, 15, 35, 900, 6, 19.9), (26, 98, 19, 102, 1050, 8, 22.5),
     (46, 113, 56, 116, 1200, 8, 22.9), (98, 186, 80, 189, 900, 6, 21.9)],
)  # fmt: skip
YI, VI = MEASURES["RR"].estimate(*TRIALS[:, :4].T)
GRAMS = TRIALS[:, 4] * 7 / 1000 * TRIALS[:, 5]  # of the whole treatment
DATA = {"grams": GRAMS, "baseline": TRIALS[:, 6]}


def test_equal_effects():
    """Page 107, which prints 1.39 and Q = 55.54; the ratio is 1.384 and Q is 51.5454, as the metafor project has it."""
    fit = meta_analysis(YI, VI, method="EE", test="z")
    assert math.exp(fit.ci_lower) == printed("1.26")
    assert math.exp(fit.ci_upper) == printed("1.52")
    assert fit.q == printed("51.5454")


def test_random_effects():
    """Page 109, which prints 0.091 for the heterogeneity, 0.0903, and 1.90 for the upper limit, 1.886."""
    fit = meta_analysis(YI, VI, method="DL", test="z")
    assert math.exp(fit.estimate) == printed("1.57")
    assert math.exp(fit.ci_lower) == printed("1.31")
    assert fit.tau2 == printed("0.0903")


def test_prediction():
    """Page 109 prints 0.87 to 2.83, the mean taken as known; with its error, as on the metafor project's page."""
    fit = meta_analysis(YI, VI, method="DL", test="z")
    assert math.exp(fit.pi_lower) == printed("0.8488")
    assert math.exp(fit.pi_upper) == printed("2.9120")


def test_table_2_regression():
    """Page 113; the last places are those of the metafor project's page. R² is printed as 48 %."""
    found = meta_regression(YI, VI, "~ I(grams - 34) * I(baseline - 20)", DATA, method="DL", test="z")
    assert found.fit.tau2 == printed("0.0475")
    assert found.r2 == printed("47.3778")
    assert list(found.fit.beta) == [printed(t) for t in ("0.47625885", "-0.0058448", "-0.06722782", "-0.00156996")]
    assert list(found.fit.se) == [printed(t) for t in ("0.08764097", "0.00999872", "0.03522283", "0.00344659")]
    assert list(found.fit.p_value[1:]) == [printed(t) for t in ("0.55884735", "0.05630808", "0.64874054")]


def test_predicted_ratios():
    """Page 113, which prints 2.66 and 4.90 for 2.6657 and 4.8806, 1.61 for 1.6099."""
    found = meta_regression(YI, VI, "~ I(grams - 34) * I(baseline - 20)", DATA, method="DL", test="z")
    predicted = found.predict({"grams": [34.0, 34.0], "baseline": [12.5, 23.6]})
    assert list(np.exp(predicted.mean)) == [printed("2.6657"), printed("1.2639")]
    assert list(np.exp(predicted.ci_lower)) == [printed("1.4560"), printed("0.9923")]
    assert list(np.exp(predicted.ci_upper)) == [printed("4.8806"), printed("1.6099")]


@pytest.mark.parametrize(
    ("method", "tau2", "se_tau2"),
    [
        ("HS", "0.0253", "0.0197"),
        ("HE", "0.0388", "0.0764"),
        ("DL", "0.0475", "0.0376"),
        ("SJ", "0.0912", "0.0436"),
        ("DLIT", "0.0633", "0.0460"),
        ("SJIT", "0.0633", "0.0460"),
        ("PM", "0.0633", "0.0460"),
        ("ML", "0.0240", "0.0222"),
        ("REML", "0.0558", "0.0409"),
        ("EB", "0.0633", "0.0460"),
    ],
)
def test_residual_heterogeneity_by_every_estimator(method, tau2, se_tau2):
    """As in the metafor project's tests of the example, whose DL has a printed page to stand on."""
    found = meta_regression(YI, VI, "~ I(grams - 34) * I(baseline - 20)", DATA, method=method, test="z")
    assert found.fit.tau2 == printed(tau2)
    assert found.fit.se_tau2 == printed(se_tau2)
