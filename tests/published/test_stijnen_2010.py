"""Stijnen, Hamza & Özdemir (2010), Statist. Med. 29, 3046-3067: catheters and infections, by exact likelihoods.

Figures are the paper's own, on the pages named; where its last digit differs from ours the comment says so.
"""

import math

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import HALF_WHERE_ZERO
from evenhand.synthesis.counts.generalised_linear import mixed_model, mixed_model_of_one_arm
from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed

# Niël-Weise, Stijnen & van den Broek (2007): anti-infective catheters, infections among patients.
EVENTS_T = [0, 1, 2, 0, 5, 1, 1, 1, 1, 1, 0, 0, 3, 6, 0, 0, 1, 4]
N_T = [116, 44, 208, 130, 151, 98, 174, 74, 97, 113, 66, 70, 188, 187, 118, 252, 345, 64]
EVENTS_C = [3, 3, 9, 7, 6, 4, 3, 2, 19, 2, 7, 1, 5, 11, 0, 1, 3, 1]
N_C = [117, 35, 195, 136, 157, 139, 177, 39, 103, 122, 64, 58, 175, 180, 105, 262, 362, 69]
# Niël-Weise et al. (2008): infections in thousands of catheter days.
RATE_T = ([7, 8, 3, 6, 1, 1, 17, 3, 2], np.array([1344, 1600, 12012, 1536, 370, 729, 6760, 1107, 320]) / 1000)
RATE_C = ([11, 8, 14, 10, 1, 8, 15, 7, 3], np.array([1988, 1461, 10962, 1503, 483, 913, 6840, 1015, 440]) / 1000)


def proportion(x):
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize(
    ("events", "n", "estimate", "se", "tau2", "shown"),
    [
        (EVENTS_C, N_C, "-3.50", "0.26", "0.81", ("0.029", "0.018", "0.048")),
        (EVENTS_T, N_T, "-4.81", "0.36", "0.83", ("0.008", "0.004", "0.016")),
    ],
)
def test_table_2_binomial_normal(events, n, estimate, se, tau2, shown):
    """Page 3050."""
    fit = mixed_model_of_one_arm(events, n)
    assert fit.estimate == printed(estimate)
    assert fit.se == printed(se)
    assert fit.tau2 == printed(tau2)
    for value, text in zip((fit.estimate, fit.ci_lower, fit.ci_upper), shown, strict=True):
        assert proportion(value) == printed(text)


@pytest.mark.parametrize(
    ("model", "estimate", "se", "tau", "lower", "upper"),
    [
        ("CM.EL", "-1.353", "0.351", "0.83", "0.13", "0.51"),
        ("CM.AL", "-1.303", "0.339", None, "0.14", "0.53"),  # tau is printed as 0.77; it is 0.7750
    ],
)
def test_table_3_conditional(model, estimate, se, tau, lower, upper):
    """Page 3052."""
    fit = mixed_model(EVENTS_T, N_T, EVENTS_C, N_C, model=model)
    assert fit.estimate == printed(estimate)
    assert fit.se == printed(se)
    if tau is not None:
        assert math.sqrt(fit.tau2) == printed(tau)
    assert math.exp(fit.ci_lower) == printed(lower)
    assert math.exp(fit.ci_upper) == printed(upper)


def test_table_7_poisson_normal():
    """Page 3054; tau2 of the control group is printed as 0.316, the treated group's mean as 0.850."""
    control = mixed_model_of_one_arm(*RATE_C, measure="IRLN")
    assert control.estimate == printed("1.401")
    assert control.se == printed("0.231")
    for value, text in zip(
        (control.estimate, control.ci_lower, control.ci_upper), ("4.06", "2.58", "6.38"), strict=True
    ):
        assert math.exp(value) == printed(text)
    treated = mixed_model_of_one_arm(*RATE_T, measure="IRLN")
    assert treated.se == printed("0.330")
    assert treated.tau2 == printed("0.654")
    assert math.exp(treated.estimate) == printed("2.34")
    assert math.exp(treated.ci_upper) == printed("4.47")


def test_table_8_rate_ratio():
    """Page 3055."""
    fit = mixed_model(*RATE_T, *RATE_C, measure="IRR", model="CM.EL")
    assert fit.estimate == printed("-0.476")
    assert fit.se == printed("0.238")
    assert math.sqrt(fit.tau2) == printed("0.35")
    for value, text in zip((fit.estimate, fit.ci_lower, fit.ci_upper), ("0.62", "0.39", "0.99"), strict=True):
        assert math.exp(value) == printed(text)


@pytest.mark.parametrize(
    ("events", "n", "estimate", "se", "tau2", "shown"),
    [
        # The paper prints 0.035 and 0.056; they are 0.0355 and 0.0554.
        (EVENTS_C, N_C, "-3.30", "0.24", "0.66", (None, "0.023", None)),
        (EVENTS_T, N_T, "-4.26", "0.26", "0.39", ("0.014", "0.008", "0.023")),
    ],
)
def test_table_2_normal_normal(events, n, estimate, se, tau2, shown):
    """Page 3050: half an event and half a non-event more where either is 0."""
    yi, vi = MEASURES["PLO"].estimate(
        np.array(events, dtype=float), np.array(n, dtype=float), zero_cells=HALF_WHERE_ZERO
    )
    fit = meta_analysis(yi, vi, test="z")
    assert fit.estimate == printed(estimate)
    assert fit.se == printed(se)
    assert fit.tau2 == printed(tau2)
    for value, text in zip((fit.estimate, fit.ci_lower, fit.ci_upper), shown, strict=True):
        assert text is None or proportion(value) == printed(text)


def test_table_3_normal_normal():
    """Page 3052, where one of the 18 trials, without an infection, is left out.

    It prints a standard error of 0.244, 0.24348 rounded twice, and an upper limit of 0.62, which is 0.605.
    """
    arms = np.array([EVENTS_T, N_T, EVENTS_C, N_C], dtype=float)
    arms = arms[:, (arms[0] + arms[2]) > 0]
    fit = meta_analysis(*MEASURES["OR"].estimate(*arms, zero_cells=HALF_WHERE_ZERO), test="z")
    assert fit.estimate == printed("-0.980")
    assert fit.se == printed("0.2435")
    assert math.sqrt(fit.tau2) == printed("0.19")
    assert math.exp(fit.estimate) == printed("0.38")
    assert math.exp(fit.ci_lower) == printed("0.23")


@pytest.mark.parametrize(
    ("rate", "estimate", "se", "tau2", "shown"),
    [
        (RATE_C, "1.468", "0.243", "0.370", ("4.34", "2.70", None)),  # page 3054, which prints 6.99 for 6.979
        (RATE_T, "0.981", "0.326", "0.639", ("2.67", "1.41", "5.05")),
    ],
)
def test_table_7_normal_normal(rate, estimate, se, tau2, shown):
    """Page 3054."""
    yi, vi = MEASURES["IRLN"].estimate(*(np.asarray(column, dtype=float) for column in rate))
    fit = meta_analysis(yi, vi, test="z")
    assert fit.estimate == printed(estimate)
    assert fit.se == printed(se)
    assert fit.tau2 == printed(tau2)
    for value, text in zip((fit.estimate, fit.ci_lower, fit.ci_upper), shown, strict=True):
        assert text is None or math.exp(value) == printed(text)


def test_table_8_normal_normal():
    """Page 3055, which prints a standard error of 0.223 and so an upper limit of 1.04."""
    yi, vi = MEASURES["IRR"].estimate(*(np.asarray(column, dtype=float) for column in (*RATE_T, *RATE_C)))
    fit = meta_analysis(yi, vi, test="z")
    assert fit.estimate == printed("-0.396")
    assert math.sqrt(fit.tau2) == printed("0.31")
    assert math.exp(fit.estimate) == printed("0.67")
    assert math.exp(fit.ci_lower) == printed("0.43")
