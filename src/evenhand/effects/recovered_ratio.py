"""A log ratio, with its variance, from a printed ratio and its interval.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats


def log_ratio_from_ci(
    ratio: ArrayLike, ci_lower: ArrayLike, ci_upper: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """`yi, vi` of an odds, risk or hazard ratio, or a ratio of means, from the figures as printed.

    Parameters
    ----------
    ratio, ci_lower, ci_upper : array_like, shape (k,)
        On the scale of the ratio, all above zero. The width of the interval alone gives the variance, so that a rounded
        ratio does not move it.
    level : float
        Confidence level of the interval.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log ratio and its variance; nan where a figure is not above zero.

    References
    ----------
    Cochrane Handbook 6.5, §6.3.2: intervals of ratios are symmetrical, and are undone, on the log scale.
    """
    from scipy.special import ndtri

    with np.errstate(divide="ignore", invalid="ignore"):
        yi, lower, upper = (np.log(np.asarray(figure, dtype=float)) for figure in (ratio, ci_lower, ci_upper))
        vi = ((upper - lower) / (2 * ndtri(0.5 + level / 2))) ** 2
    known = np.isfinite(yi) & np.isfinite(vi)
    return np.where(known, yi, np.nan), np.where(known, vi, np.nan)
