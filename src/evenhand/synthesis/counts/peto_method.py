"""Peto's one-step odds ratio of a series of two-by-two tables.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.synthesis.counts.checked_counts import checked_arms, checked_level
from evenhand.synthesis.counts.common_effect import CommonEffect, common_effect


def peto(
    events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike, *, level: float = 0.95
) -> CommonEffect:
    """Pool log odds ratios by observed less expected events.

    Meant for rare events, arms of like size and modest effects; elsewhere it is drawn towards no effect.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        People with the event, and all people, treated and control; one entry a study.
    level : float
        Of the confidence interval.

    Returns
    -------
    CommonEffect
        On the log odds ratio scale; nan where no study has both people with and people without the event.

    Raises
    ------
    ValueError
        Naming study and value that cannot be.

    References
    ----------
    Yusuf, Peto, Lewis, Collins & Sleight (1985). Prog. Cardiovasc. Dis. 27, 335-371.
    """
    a, n1, c, n2 = checked_arms(events_t, n_t, events_c, n_c)
    checked_level(level)
    yi, vi = peto_effects(a, n1, c, n2)
    told = np.isfinite(yi)
    information = float((1.0 / vi[told]).sum())
    estimate = float((yi[told] / vi[told]).sum()) / information if information > 0 else math.nan
    return common_effect(
        method="Peto", measure="OR", estimate=estimate, variance=1 / information if information > 0 else math.nan,
        yi=yi, vi=vi, k=a.size, level=level,
    )  # fmt: skip


def peto_effects(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[Floats, Floats]:
    """Each study's (O − E) / V and 1 / V, V the hypergeometric variance; shape (k,), nan where V is 0."""
    n, events = n1 + n2, a + c
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = n1 * n2 * events * (n - events) / (n**2 * (n - 1))
        variance = np.where(variance > 0, variance, math.nan)
        return (a - n1 * events / n) / variance, 1.0 / variance
