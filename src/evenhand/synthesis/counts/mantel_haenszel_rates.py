"""Mantel and Haenszel's rate ratio and rate difference of a series of studies that count person-time.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects.zero_cells import AS_COUNTED, ZeroCells
from evenhand.synthesis.counts.checked_counts import checked_level, checked_rates
from evenhand.synthesis.counts.common_effect import CommonEffect, chi_square_test, common_effect
from evenhand.synthesis.counts.mantel_haenszel_tables import HALF_FOR_EACH_STUDY, log_ratio


def mantel_haenszel_rates(
    events_t: ArrayLike,
    time_t: ArrayLike,
    events_c: ArrayLike,
    time_c: ArrayLike,
    *,
    measure: str = "IRR",
    correct: bool = True,
    zero_cells: ZeroCells = AS_COUNTED,
    study_zero_cells: ZeroCells = HALF_FOR_EACH_STUDY,
    level: float = 0.95,
) -> CommonEffect:
    """Pool rates of events per person-time; an arm without event needs no added half.

    Parameters
    ----------
    events_t, time_t, events_c, time_c : array_like, shape (k,)
        Events and person-time, treated and control; one entry a study.
    measure : str
        'IRR', pooled on the log scale, or 'IRD', in events per unit of person-time.
    correct : bool
        Whether the test of association takes a half off, as continuity correction.
    zero_cells, study_zero_cells : ZeroCells
        What is added before pooling (by default nothing), and before each study's own effect is taken for `q`.
    level : float
        Of the confidence interval.

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or a measure there is not.

    References
    ----------
    Rothman, Greenland & Lash (2008). Modern Epidemiology, 3rd ed., chapter 15; Greenland & Robins (1985). Biometrics
    41, 55-68.
    """
    x1, t1, x2, t2 = checked_rates(events_t, time_t, events_c, time_c)
    checked_level(level)
    if measure not in ("IRR", "IRD"):
        raise ValueError(f"measure '{measure}': there are IRR, IRD")
    yi, vi = _own_effects(*study_zero_cells.in_two_rates(x1, t1, x2, t2), t1, t2, measure)
    studies = x1.size
    x1, x2 = zero_cells.in_two_rates(x1, t1, x2, t2)
    kept = np.isfinite(x1)
    x1, t1, x2, t2 = x1[kept], t1[kept], x2[kept], t2[kept]
    total = t1 + t2
    estimate, variance = (_rate_ratio if measure == "IRR" else _rate_difference)(x1, t1, x2, t2)
    spread = float(((x1 + x2) * t1 * t2 / total**2).sum())
    excess = abs(float((x1 - t1 * (x1 + x2) / total).sum()))
    excess = excess - 0.5 if correct else excess
    tests = {"mantel_haenszel": chi_square_test(excess**2 / spread if spread > 0 else math.nan, 1)}
    return common_effect(
        method="MH", measure=measure, estimate=estimate, variance=variance, yi=yi, vi=vi, k=studies, level=level,
        tests=tests if measure == "IRR" else None,
    )  # fmt: skip


def _rate_ratio(x1: Floats, t1: Floats, x2: Floats, t2: Floats) -> tuple[float, float]:
    total = t1 + t2
    r, s = float((x1 * t2 / total).sum()), float((x2 * t1 / total).sum())
    spread = float(((x1 + x2) * t1 * t2 / total**2).sum())
    return log_ratio(r, s), spread / (r * s) if r * s > 0 else math.nan


def _rate_difference(x1: Floats, t1: Floats, x2: Floats, t2: Floats) -> tuple[float, float]:
    weight = t1 * t2 / (t1 + t2)
    estimate = float((weight * (x1 / t1 - x2 / t2)).sum() / weight.sum())
    variance = float((weight**2 * (x1 / t1**2 + x2 / t2**2)).sum() / weight.sum() ** 2)
    return estimate, variance


def _own_effects(y1: Floats, y2: Floats, t1: Floats, t2: Floats, measure: str) -> tuple[Floats, Floats]:
    """Each study's effect and variance; nan where no event was counted in either arm."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "IRR":
            return np.log(y1 / t1) - np.log(y2 / t2), 1 / y1 + 1 / y2
        return y1 / t1 - y2 / t2, y1 / t1**2 + y2 / t2**2
