"""Tests on a series of two-by-two tables: of any association, and of one odds ratio in all of them.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.counts.common_effect import ChiSquareTest, chi_square_test


def association(a: Floats, n1: Floats, c: Floats, n2: Floats, *, correct: bool) -> tuple[ChiSquareTest, ChiSquareTest]:
    """Cochran's test, and Mantel and Haenszel's, of no association in any table; tables of shape (k,).

    Both compare the events among the treated with what all events would give them; they differ in N against N − 1
    in the variance. `correct` takes a half off the difference as the papers print it, also off one below a half.

    References
    ----------
    Cochran (1954). Biometrics 10, 417-451; Mantel & Haenszel (1959). J. Natl. Cancer Inst. 22, 719-748.
    """
    n, events = n1 + n2, a + c
    some = n > 1
    excess = float((a - n1 * events / np.where(n > 0, n, 1.0))[n > 0].sum())
    excess = abs(excess) - 0.5 if correct else excess
    spread = (n1 * n2 * events * (n - events))[some] / n[some] ** 2
    variances = float((spread / n[some]).sum()), float((spread / (n[some] - 1)).sum())
    cochran, mantel_haenszel = (
        chi_square_test(excess**2 / variance if variance > 0 else math.nan, 1) for variance in variances
    )
    return cochran, mantel_haenszel


def one_odds_ratio(
    a: Floats, n1: Floats, c: Floats, n2: Floats, odds_ratio: float
) -> tuple[ChiSquareTest, ChiSquareTest]:
    """Breslow and Day's test of one odds ratio in all tables, and Tarone's correction of it.

    Tables whose margins allow one outcome only have nothing to say and are left out.

    References
    ----------
    Breslow & Day (1980). Statistical Methods in Cancer Research I, eq. 4.30; Tarone (1985). Biometrika 72, 91-95.
    """
    events = a + c
    telling = (events > 0) & (events < n1 + n2) & (n1 > 0) & (n2 > 0)
    a, n1, n2, events = a[telling], n1[telling], n2[telling], events[telling]
    df = a.size - 1
    if df < 0 or not (math.isfinite(odds_ratio) and odds_ratio > 0):
        return chi_square_test(math.nan, max(df, 0)), chi_square_test(math.nan, max(df, 0))
    expected = _expected(n1, n2, events, odds_ratio)
    variance = 1.0 / (1 / expected + 1 / (n1 - expected) + 1 / (events - expected) + 1 / (n2 - events + expected))
    away = a - expected
    breslow_day = float((away**2 / variance).sum())
    tarone = breslow_day - float(away.sum()) ** 2 / float(variance.sum())
    return chi_square_test(breslow_day, df), chi_square_test(max(0.0, tarone), df)


def _expected(n1: Floats, n2: Floats, events: Floats, odds_ratio: float) -> Floats:
    """Events among the treated at which a table with these margins has this odds ratio.

    The root of (1 − ψ) e² + (n2 − m + ψ (n1 + m)) e − ψ n1 m, in the form that loses no digits for ψ near 1.
    """
    square = 1.0 - odds_ratio
    linear = n2 - events + odds_ratio * (n1 + events)
    constant = -odds_ratio * n1 * events
    root = np.sqrt(np.maximum(0.0, linear**2 - 4.0 * square * constant))
    expected: Floats = -2.0 * constant / (linear + root)
    return expected
