"""van Houwelingen, Arends & Stijnen (2002), Statist. Med. 21, 589-624: 13 BCG trials (Colditz et al. 1994)."""

import math

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.synthesis.pairwise import meta_analysis
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
