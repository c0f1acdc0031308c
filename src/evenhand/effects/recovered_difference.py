"""A difference of means, with its variance, from what a paper printed of the difference itself.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report

Figures may be numbers or arrays of shape (k,); `yi` is in the scale's unit, `vi` in that unit squared.
"""

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects.printed_figures import of_printed_figures
from evenhand.effects.recovered_sd import t_from_p


@of_printed_figures
def difference_from_se(difference: ArrayLike, se: ArrayLike) -> tuple[Floats, Floats]:
    """`yi, vi` from a difference and its standard error."""
    return np.asarray(difference, dtype=float), np.asarray(se, dtype=float) ** 2


@of_printed_figures
def difference_from_paired_sd(difference: ArrayLike, sd: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """`yi, vi` from the mean and SD of the differences within `n` people or pairs.

    Cochrane Handbook 6.5, §23.2.7 (cross-over and split-body trials): the standard error is sd / √n.
    """
    return difference_from_se(difference, np.asarray(sd, dtype=float) / np.sqrt(n))


@of_printed_figures
def difference_from_ci(
    difference: ArrayLike,
    ci_lower: ArrayLike,
    ci_upper: ArrayLike,
    freedom: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    """`yi, vi` from a difference and its interval, of 95 % or another level (Cochrane Handbook 6.5, §6.5.2.3).

    `freedom` are the degrees of freedom of the t on which the interval rests: n_t + n_c - 2 for two arms, n - 1 for
    pairs. None takes the normal quantile, as for an adjusted or large comparison.
    """
    from scipy.special import ndtri

    half = (np.asarray(ci_upper, dtype=float) - np.asarray(ci_lower, dtype=float)) / 2
    quantile = ndtri(0.5 + level / 2) if freedom is None else t_from_p(1 - level, freedom)
    return difference_from_se(difference, half / quantile)


@of_printed_figures
def difference_from_p(
    difference: ArrayLike, p_value: ArrayLike, freedom: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """`yi, vi` from a difference and its two-sided p (Cochrane Handbook 6.5, §6.3.1).

    Without `freedom` the test is taken for a z test. A difference of 0, or p = 1, leaves the variance unknown (nan).
    """
    from scipy.special import ndtri

    yi = np.asarray(difference, dtype=float)
    quantile = -ndtri(np.asarray(p_value, dtype=float) / 2) if freedom is None else t_from_p(p_value, freedom)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.abs(yi / quantile)
    return difference_from_se(yi, np.where(np.isfinite(se) & (se > 0), se, np.nan))
