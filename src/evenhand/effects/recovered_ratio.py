"""A log ratio, with its variance, from a printed ratio with its interval, one of its limits, its z or its p.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects.printed_figures import of_printed_figures
from evenhand.effects.recovered_difference import difference_from_p
from evenhand.effects.zero_cells import nan_where_undefined


@of_printed_figures
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
    return nan_where_undefined(yi, vi)


@of_printed_figures
def log_ratio_from_one_limit(ratio: ArrayLike, limit: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """`yi, vi` of a ratio of which only one limit of the two-sided interval is printed, or one is rounded too far.

    Of a ratio below 1 the upper limit is printed with more digits that count than the lower one.
    """
    from scipy.special import ndtri

    with np.errstate(divide="ignore", invalid="ignore"):
        yi, end = np.log(np.asarray(ratio, dtype=float)), np.log(np.asarray(limit, dtype=float))
    return nan_where_undefined(yi, ((end - yi) / ndtri(0.5 + level / 2)) ** 2)


@of_printed_figures
def log_ratio_from_p(ratio: ArrayLike, p_value: ArrayLike) -> tuple[Floats, Floats]:
    """`yi, vi` of a ratio and the two-sided p of its z test; nan where the ratio is 1, or p is 1 (Handbook §6.3.2)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = difference_from_p(np.log(np.asarray(ratio, dtype=float)), p_value)
    return nan_where_undefined(yi, vi)


@of_printed_figures
def log_ratio_from_z(ratio: ArrayLike, z: ArrayLike) -> tuple[Floats, Floats]:
    """`yi, vi` of a ratio and its z; nan where either says that there is no effect."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(np.asarray(ratio, dtype=float))
        vi = (yi / np.asarray(z, dtype=float)) ** 2
    return nan_where_undefined(yi, np.where(vi > 0, vi, np.nan))
