"""Hartung & Knapp (2001), Statist. Med. 20, 3875-3889: cisapride against indigestion without an ulcer, 13 trials.

The figures are those that the prediction-interval package of Nagashima, Noma & Furukawa (2019) prints of them: half a
person more in every cell of every trial.
"""

import math

import numpy as np

from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import ZeroCells
from evenhand.synthesis.pairwise import meta_analysis
from tests.printed import printed

CISAPRIDE = ([15, 12, 29, 42, 14, 44, 14, 29, 10, 17, 38, 19, 21], [16, 16, 34, 56, 22, 54, 17, 58, 14, 26, 44, 29, 38])
PLACEBO = ([9, 1, 18, 31, 6, 17, 7, 23, 3, 6, 12, 22, 19], [16, 16, 34, 56, 22, 55, 15, 58, 15, 27, 45, 30, 38])
YI, VI = MEASURES["OR"].estimate(
    *np.array([*CISAPRIDE, *PLACEBO], dtype=float), zero_cells=ZeroCells(add=0.5, to="all")
)


def test_log_odds_ratios():
    assert list(YI[:3]) == [printed("2.098986"), printed("3.357026"), printed("1.565232")]
    assert list(np.sqrt(VI[:3])) == [printed("0.9847737"), printed("1.0165653"), printed("0.5747840")]


def test_pooled_odds_ratio():
    """Whose mean and heterogeneity the refined test leaves as they are."""
    for test in ("z", "knha"):
        fit = meta_analysis(YI, VI, method="DL", test=test)
        assert math.exp(fit.estimate) == printed("4.141")
        assert fit.tau2 == printed("0.718")
        assert fit.i2 == printed("69.9")
