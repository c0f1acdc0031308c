"""Yusuf, Peto, Lewis, Collins & Sleight (1985), Prog. Cardiovasc. Dis. 27, 335-371: oral beta blockers, short term."""

import math

from evenhand.synthesis.counts.peto_method import peto
from tests.printed import printed

# Table 6: deaths, and patients, in 21 trials.
DEATHS_T = [14, 18, 15, 10, 21, 3, 2, 19, 15, 5, 0, 8, 3, 0, 1, 0, 14, 0, 8, 6, 3]
N_T = [56, 66, 100, 52, 226, 38, 20, 76, 106, 62, 9, 133, 48, 16, 42, 25, 221, 11, 259, 157, 177]
DEATHS_C = [15, 19, 12, 12, 24, 6, 3, 15, 9, 4, 0, 11, 3, 0, 1, 3, 15, 0, 7, 4, 2]
N_C = [58, 64, 95, 47, 228, 31, 20, 67, 114, 57, 8, 127, 49, 13, 46, 25, 228, 11, 129, 158, 136]


def test_odds_ratio_of_death():
    """Page 107."""
    fit = peto(DEATHS_T, N_T, DEATHS_C, N_C)
    assert math.exp(fit.estimate) == printed("0.93")
    assert math.exp(fit.ci_lower) == printed("0.74")
    assert math.exp(fit.ci_upper) == printed("1.18")
    assert (fit.k, fit.k_in_q) == (21, 18)
