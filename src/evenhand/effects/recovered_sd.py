"""Standard deviation of an arm, where the paper printed something else.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report

All follow the Cochrane Handbook, version 6.5, §6.5.2; figures may be numbers or arrays of shape (k,).
"""

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects.printed_figures import of_printed_figures


@of_printed_figures
def sd_from_se(se: ArrayLike, n: ArrayLike) -> Floats:
    """SD of an arm's values from the standard error of its mean: se √n (§6.5.2.2)."""
    return np.asarray(se, dtype=float) * np.sqrt(n)


@of_printed_figures
def sd_from_ci(ci_lower: ArrayLike, ci_upper: ArrayLike, n: ArrayLike, level: float = 0.95) -> Floats:
    """SD of an arm's values from the confidence interval of its mean, which rests on t with n - 1 degrees of freedom.

    §6.5.2.2 divides by 3.92 above 100 people; Student's t is used throughout, as it agrees with that in large arms.
    """
    return sd_from_se(_se_from_t_interval(ci_lower, ci_upper, np.asarray(n, dtype=float) - 1, level), n)


@of_printed_figures
def pooled_sd_from_se(se: ArrayLike, n_t: ArrayLike, n_c: ArrayLike) -> Floats:
    """SD common to two arms from the standard error of the difference of their means (§6.5.2.3)."""
    return np.asarray(se, dtype=float) / np.sqrt(1 / np.asarray(n_t, dtype=float) + 1 / np.asarray(n_c, dtype=float))


@of_printed_figures
def pooled_sd_from_t(difference: ArrayLike, t: ArrayLike, n_t: ArrayLike, n_c: ArrayLike) -> Floats:
    """SD common to two arms from the difference of their means and its t (§6.5.2.3); nan where either is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.abs(np.asarray(difference, dtype=float) / t)
    # A difference that rounds to nothing says nothing of its spread.
    return pooled_sd_from_se(np.where(np.isfinite(se) & (se > 0), se, np.nan), n_t, n_c)


@of_printed_figures
def pooled_sd_from_p(difference: ArrayLike, p_value: ArrayLike, n_t: ArrayLike, n_c: ArrayLike) -> Floats:
    """SD common to two arms from the difference of their means and the two-sided p of its t test (§6.5.2.3).

    `p_value` must be printed as a figure: from 'p < 0.05' only a largest SD follows, and from 'not significant' none.
    """
    return pooled_sd_from_t(difference, t_from_p(p_value, _freedom(n_t, n_c)), n_t, n_c)


@of_printed_figures
def pooled_sd_from_ci(
    ci_lower: ArrayLike, ci_upper: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, level: float = 0.95
) -> Floats:
    """SD common to two arms from the confidence interval of the difference of their means (§6.5.2.3)."""
    return pooled_sd_from_se(_se_from_t_interval(ci_lower, ci_upper, _freedom(n_t, n_c), level), n_t, n_c)


@of_printed_figures
def t_from_p(p_value: ArrayLike, freedom: ArrayLike) -> Floats:
    """Size of the t statistic with a two-sided p; shape (k,)."""
    from scipy.special import stdtrit

    return np.asarray(-stdtrit(freedom, np.asarray(p_value, dtype=float) / 2))


def _se_from_t_interval(ci_lower: ArrayLike, ci_upper: ArrayLike, freedom: ArrayLike, level: float) -> Floats:
    width = np.asarray(ci_upper, dtype=float) - np.asarray(ci_lower, dtype=float)
    return np.asarray(width / (2 * t_from_p(1 - level, freedom)))


def _freedom(n_t: ArrayLike, n_c: ArrayLike) -> Floats:
    freedom: Floats = np.asarray(n_t, dtype=float) + np.asarray(n_c, dtype=float) - 2
    return freedom
