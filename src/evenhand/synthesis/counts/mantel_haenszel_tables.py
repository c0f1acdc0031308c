"""Mantel and Haenszel's odds ratio, risk ratio and risk difference of a series of two-by-two tables.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import AS_COUNTED, ZeroCells
from evenhand.synthesis.counts.checked_counts import checked_arms, checked_level
from evenhand.synthesis.counts.common_effect import CommonEffect, common_effect
from evenhand.synthesis.counts.tests_of_tables import association, one_odds_ratio

# A study's own effect, for heterogeneity alone: the pooled estimate needs no added half.
HALF_FOR_EACH_STUDY = ZeroCells(to="only0", drop00=True)


def mantel_haenszel(
    events_t: ArrayLike,
    n_t: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    measure: str = "OR",
    correct: bool = True,
    variance: str = "sato",
    zero_cells: ZeroCells = AS_COUNTED,
    study_zero_cells: ZeroCells = HALF_FOR_EACH_STUDY,
    level: float = 0.95,
) -> CommonEffect:
    """Pool two-by-two tables without a logarithm of any single one, so that empty cells stay empty.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        People with the event, and all people, treated and control; one entry a study.
    measure : str
        'OR', 'RR' (both pooled on the log scale) or 'RD'.
    correct : bool
        Whether the tests of association (odds ratio only) take a half off, as continuity correction.
    variance : str
        Of the risk difference: 'sato', or 'greenland-robins', which is consistent for large studies only.
    zero_cells, study_zero_cells : ZeroCells
        What is added before pooling (by default nothing), and before each study's own effect is taken for `q`.
    level : float
        Of the confidence interval.

    Returns
    -------
    CommonEffect
        Tests of association and of one odds ratio where the measure is 'OR'. With no event in one of the arms of all
        studies a log ratio is infinite, its standard error is nan, and `converged` says False.

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or a measure or variance there is not.

    References
    ----------
    Robins, Breslow & Greenland (1986). Biometrics 42, 311-323, for the log odds ratio's variance; Greenland & Robins
    (1985). Biometrics 41, 55-68, for the log risk ratio's and risk difference's; Sato, Greenland & Robins (1989).
    Biometrics 45, 1323-1324.
    """
    a, n1, c, n2 = checked_arms(events_t, n_t, events_c, n_c)
    checked_level(level)
    if measure not in _ESTIMATES:
        raise ValueError(f"measure '{measure}': there are {', '.join(_ESTIMATES)}")
    if variance not in ("sato", "greenland-robins"):
        raise ValueError(f"variance '{variance}': there are sato, greenland-robins")
    yi, vi = MEASURES[measure].estimate(a, n1, c, n2, zero_cells=study_zero_cells)
    corrected = zero_cells.in_two_arms(a, n1, c, n2)
    x1, m1, x2, m2 = (cell[(n1 + n2 > 0) & np.isfinite(corrected[0])] for cell in corrected)
    estimate, spread = _ESTIMATES[measure](x1, m1, x2, m2)
    if measure == "RD" and variance == "greenland-robins":
        spread = greenland_robins_variance(x1, m1, x2, m2)
    tests = {}
    if measure == "OR":
        tests["cochran"], tests["mantel_haenszel"] = association(x1, m1, x2, m2, correct=correct)
        odds_ratio = math.exp(estimate) if estimate < 700 else math.inf
        tests["breslow_day"], tests["tarone"] = one_odds_ratio(x1, m1, x2, m2, odds_ratio)
    return common_effect(
        method="MH", measure=measure, estimate=estimate, variance=spread, yi=yi, vi=vi, k=a.size, level=level,
        tests=tests,
    )  # fmt: skip


def odds_ratio_and_variance(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[float, float]:
    """Log odds ratio, and its variance after Robins, Breslow and Greenland; tables of shape (k,)."""
    n, b, d = n1 + n2, n1 - a, n2 - c
    r, s = a * d / n, b * c / n
    p, q = (a + d) / n, (b + c) / n
    sum_r, sum_s = float(r.sum()), float(s.sum())
    if sum_r == 0 or sum_s == 0:
        return log_ratio(sum_r, sum_s), math.nan
    spread = (p @ r) / sum_r**2 + (p @ s + q @ r) / (sum_r * sum_s) + (q @ s) / sum_s**2
    return log_ratio(sum_r, sum_s), 0.5 * float(spread)


def risk_ratio_and_variance(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[float, float]:
    """Log risk ratio, and its variance after Greenland and Robins; tables of shape (k,)."""
    n = n1 + n2
    r, s = float((a * n2 / n).sum()), float((c * n1 / n).sum())
    spread = float(((n1 * n2 * (a + c) - a * c * n) / n**2).sum())
    return log_ratio(r, s), spread / (r * s) if r * s > 0 else math.nan


def risk_difference_and_variance(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[float, float]:
    """Risk difference, and its variance after Sato, which holds for few large and for many small studies alike."""
    n = n1 + n2
    weight = float((n1 * n2 / n).sum())
    if weight == 0:
        return math.nan, math.nan
    estimate = float(((a * n2 - c * n1) / n).sum()) / weight
    p = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / n**2
    q = (a * (n2 - c) + c * (n1 - a)) / (2 * n)
    return estimate, float(estimate * p.sum() + q.sum()) / weight**2


def greenland_robins_variance(a: Floats, n1: Floats, c: Floats, n2: Floats) -> float:
    """Of the Mantel–Haenszel risk difference, after Greenland and Robins (1985), eq. 9; tables of shape (k,)."""
    n, both = n1 + n2, n1 * n2 > 0
    weight = float((n1 * n2 / n).sum())
    if weight == 0:
        return math.nan
    a, c, n1, n2, n = a[both], c[both], n1[both], n2[both], n[both]
    each = (a * (n1 - a) * n2**3 + c * (n2 - c) * n1**3) / (n1 * n2 * n**2)
    return float(each.sum()) / weight**2


def log_ratio(above: float, below: float) -> float:
    """log(above / below), infinite where one of them is 0 and nan where both are."""
    if above == 0 and below == 0:
        return math.nan
    if above == 0 or below == 0:
        return -math.inf if above == 0 else math.inf
    return math.log(above) - math.log(below)


_ESTIMATES: dict[str, Callable[[Floats, Floats, Floats, Floats], tuple[float, float]]] = {
    "OR": odds_ratio_and_variance,
    "RR": risk_ratio_and_variance,
    "RD": risk_difference_and_variance,
}
