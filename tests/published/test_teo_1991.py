"""Teo, Yusuf, Collins, Held & Peto (1991), Br. Med. J. 303, 1499-1503: magnesium after infarction, and later trials."""

import math

import numpy as np

from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import HALF_WHERE_ZERO
from evenhand.synthesis.counts.peto_method import peto
from evenhand.synthesis.reporting_bias.asymmetry import asymmetry_test
from evenhand.synthesis.reporting_bias.begg import begg_test
from tests.printed import printed

# Egger, Davey Smith & Altman (2001), Systematic Reviews in Health Care: deaths and patients, magnesium and control. The
# first seven were known in 1991; the last is ISIS-4.
TRIALS = np.array(
    [(1, 40, 2, 36), (9, 135, 23, 135), (2, 200, 7, 200), (1, 48, 1, 46), (10, 150, 8, 148), (1, 59, 9, 56),
     (1, 25, 3, 23), (0, 22, 1, 21), (6, 76, 11, 75), (1, 27, 7, 27), (2, 89, 12, 80), (5, 23, 13, 33),
     (4, 130, 8, 122), (90, 1159, 118, 1157), (4, 107, 17, 108), (2216, 29011, 2103, 29039)], dtype=float,
)  # fmt: skip


def test_odds_of_death_in_1991():
    """25 of 657 and 53 of 644 died: 55 % less, p < 0.001, limits about a third and two thirds."""
    seven = TRIALS[:7]
    assert list(seven.sum(axis=0)) == [25, 657, 53, 644]
    fit = peto(*seven.T)
    assert 100 * (1 - math.exp(fit.estimate)) == printed("55")
    assert fit.p_value < 0.001
    assert 10 * (1 - math.exp(fit.ci_upper)) == printed("3")
    assert 10 * (1 - math.exp(fit.ci_lower)) == printed("7")


def test_asymmetry_of_all_16():
    """As in the metafor project's tests of these trials."""
    yi, vi = MEASURES["OR"].estimate(*TRIALS.T, zero_cells=HALF_WHERE_ZERO)
    assert asymmetry_test(yi, vi).statistic == printed("-4.6686")
    by_size = asymmetry_test(yi, vi, TRIALS[:, 1] + TRIALS[:, 3], model="lm", predictor="sqrtninv")
    assert by_size.statistic == printed("-5.6083")
    ranks = begg_test(yi, vi)
    assert ranks.tau == printed("0.15")
    assert ranks.p_value == printed("0.4503")
