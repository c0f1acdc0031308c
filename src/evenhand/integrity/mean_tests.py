"""The tests that papers use on means, from printed means, standard deviations and numbers of people.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

Printed figures are rounded, so each test gives a range of p, from the figures least to those most in its favour.
"""

from collections.abc import Sequence
from itertools import product
from math import sqrt

import numpy as np

from evenhand.distributions import Floats
from evenhand.integrity.printed import Span
from evenhand.integrity.recomputed import Recomputed, of_normal_kind
from evenhand.integrity.summary import Summary

# Beyond this many arms the corners of their rounding are too many to visit, and the outermost stand in for them.
_MOST_ARMS = 8


def p_values_of_two_means(treated: Summary, control: Summary) -> tuple[Recomputed, ...]:
    """Student's and Welch's t tests, and the z test of large samples."""
    found: dict[str, list[float]] = {"student": [], "welch": [], "z": []}
    gaps = _gaps(treated.mean, control.mean)
    freedom = treated.n + control.n - 2
    for gap, sd_t, sd_c in product(gaps, _ends(treated.sd), _ends(control.sd)):
        of_t, of_c = sd_t**2 / treated.n, sd_c**2 / control.n
        if of_t + of_c == 0:
            continue
        pooled = ((treated.n - 1) * sd_t**2 + (control.n - 1) * sd_c**2) / freedom
        welch_freedom = (of_t + of_c) ** 2 / (of_t**2 / (treated.n - 1) + of_c**2 / (control.n - 1))
        found["student"].append(t_tails(gap / sqrt(pooled * (1 / treated.n + 1 / control.n)), freedom))
        found["welch"].append(t_tails(gap / sqrt(of_t + of_c), welch_freedom))
        found["z"].append(z_tails(gap / sqrt(of_t + of_c)))
    return tuple(of_normal_kind(test, min(tails), max(tails)) for test, tails in found.items() if tails)


def p_values_of_all_means(arms: Sequence[Summary]) -> tuple[Recomputed, ...]:
    """One-way analysis of variance, and Welch's version of it, from the summaries of all arms.

    The F statistic is largest at a corner of the means' rounding, and smallest where all are drawn to one value.
    """
    n = np.array([arm.n for arm in arms], dtype=float)
    nearest, farthest = _nearest_means(arms, n), _farthest_means(arms, n)
    sd_low = np.array([max(arm.sd.low, 0.0) for arm in arms])
    sd_high = np.array([arm.sd.high for arm in arms])
    found = {
        "anova": (_anova(farthest, sd_low, n), _anova(nearest, sd_high, n)),
        "welch_anova": (_welch_anova(farthest, sd_low, n), _welch_anova(nearest, sd_high, n)),
    }
    return tuple(
        Recomputed(test=test, two_sided=Span(low, high), one_sided=Span(low, high))
        for test, (low, high) in found.items()
        if np.isfinite(low) and np.isfinite(high)
    )


def p_values_of_one_mean(mean: Span, se: Span, freedoms: Sequence[float]) -> tuple[Recomputed, ...]:
    """Whether a mean or difference is zero: t tests with each of `freedoms`, and the z test."""
    gaps = _gaps(mean, Span(0.0, 0.0))
    statistics = [gap / se_end for gap in gaps for se_end in _ends(se) if se_end > 0]
    if not statistics:
        return ()
    found = {"z": [z_tails(statistic) for statistic in statistics]}
    if freedoms:
        found["t"] = [t_tails(statistic, freedom) for statistic in statistics for freedom in freedoms]
    return tuple(of_normal_kind(test, min(tails), max(tails)) for test, tails in found.items())


def t_tails(statistic: float, freedom: float) -> float:
    """Two-sided p of Student's t."""
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(statistic)))


def z_tails(statistic: float) -> float:
    """Two-sided p of a standard normal."""
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(statistic)))


def _gaps(one: Span, other: Span) -> tuple[float, float]:
    """Least and greatest distance between two printed figures."""
    least = max(0.0, one.low - other.high, other.low - one.high)
    return least, max(one.high - other.low, other.high - one.low)


def _ends(span: Span) -> tuple[float, float]:
    return max(span.low, 0.0), span.high


def _anova(means: Floats, sds: Floats, n: Floats) -> float:
    from scipy.special import fdtrc

    grand = np.average(means, weights=n)
    between = np.sum(n * (means - grand) ** 2) / (len(n) - 1)
    within = np.sum((n - 1) * sds**2) / (n.sum() - len(n))
    return float(fdtrc(len(n) - 1, n.sum() - len(n), between / within)) if within > 0 else float("nan")


def _welch_anova(means: Floats, sds: Floats, n: Floats) -> float:
    """Welch (1951), Biometrika 38, 330-336."""
    from scipy.special import fdtrc

    if (sds <= 0).any():
        return float("nan")
    k, weights = len(n), n / sds**2
    grand = np.average(means, weights=weights)
    spread = np.sum((1 - weights / weights.sum()) ** 2 / (n - 1))
    statistic = (np.sum(weights * (means - grand) ** 2) / (k - 1)) / (1 + 2 * (k - 2) / (k**2 - 1) * spread)
    return float(fdtrc(k - 1, (k**2 - 1) / (3 * spread), statistic))


def _nearest_means(arms: Sequence[Summary], n: Floats) -> Floats:
    """The means within their rounding that lie closest together."""
    low = np.array([arm.mean.low for arm in arms])
    high = np.array([arm.mean.high for arm in arms])
    candidates = np.unique(np.concatenate([low, high, [np.average((low + high) / 2, weights=n)]]))
    # The sum of squares is convex in the common value, so refining around the best candidate finds its least.
    span = (candidates[0], candidates[-1])
    for _ in range(60):
        third = (span[1] - span[0]) / 3
        left, right = span[0] + third, span[1] - third
        costs = [np.sum(n * (np.clip(centre, low, high) - centre) ** 2) for centre in (left, right)]
        span = (span[0], right) if costs[0] <= costs[1] else (left, span[1])
    return np.asarray(np.clip((span[0] + span[1]) / 2, low, high))


def _farthest_means(arms: Sequence[Summary], n: Floats) -> Floats:
    """The means within their rounding that lie farthest apart."""
    middle = np.array([(arm.mean.low + arm.mean.high) / 2 for arm in arms])
    if len(arms) > _MOST_ARMS:
        above = middle >= np.average(middle, weights=n)
        return np.array([arm.mean.high if up else arm.mean.low for arm, up in zip(arms, above, strict=True)])
    corners = [np.array(corner) for corner in product(*((arm.mean.low, arm.mean.high) for arm in arms))]
    return max(corners, key=lambda means: float(np.sum(n * (means - np.average(means, weights=n)) ** 2)))
