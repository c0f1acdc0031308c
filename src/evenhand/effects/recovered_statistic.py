"""Standardised differences and correlations from the t, F, p or d that a paper printed.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report

All figures may be numbers or arrays of shape (k,). A p is two-sided and exact, and takes the sign of the effect: -0.018
where the treated arm has less. Two arms are of one variance (Student's t).
"""

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects.printed_figures import of_printed_figures
from evenhand.effects.recovered_sd import t_from_p
from evenhand.effects.standardised_mean_difference import Variance, small_sample_correction, variance_of_g
from evenhand.effects.zero_cells import nan_where_undefined


@of_printed_figures
def smd_from_d(
    d: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, *, vtype: Variance = "LS", correct: bool = True
) -> tuple[Floats, Floats]:
    """`yi, vi` of Hedges' g from Cohen's d, the uncorrected standardised difference of two arms.

    Options as in `standardised_mean_difference`.
    """
    d, n_t, n_c = np.broadcast_arrays(*(np.atleast_1d(np.asarray(figure, dtype=float)) for figure in (d, n_t, n_c)))
    freedom = n_t + n_c - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = small_sample_correction(freedom) if correct else np.ones_like(d)
        vi = variance_of_g(d, correction, n_t, n_c, size=n_t + n_c, freedom=freedom, vtype=vtype)
        return nan_where_undefined(correction * d, vi)


@of_printed_figures
def d_from_t(t: ArrayLike, n_t: ArrayLike, n_c: ArrayLike) -> Floats:
    """Cohen's d from the t of two arms' means: t √(1/n_t + 1/n_c)."""
    return np.asarray(t, dtype=float) * np.sqrt(1 / np.asarray(n_t, dtype=float) + 1 / np.asarray(n_c, dtype=float))


@of_printed_figures
def d_from_f(f: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, *, sign: ArrayLike) -> Floats:
    """Cohen's d from the F of an analysis of variance of two arms, whose root is t; `sign` is 1 or -1."""
    with np.errstate(invalid="ignore"):
        return d_from_t(np.sign(sign) * np.sqrt(np.asarray(f, dtype=float)), n_t, n_c)


@of_printed_figures
def d_from_p(p_value: ArrayLike, n_t: ArrayLike, n_c: ArrayLike) -> Floats:
    """Cohen's d from the signed p of the t test of two arms' means."""
    freedom = np.asarray(n_t, dtype=float) + np.asarray(n_c, dtype=float) - 2
    return d_from_t(_t_from_signed_p(p_value, freedom), n_t, n_c)


@of_printed_figures
def d_from_point_biserial(r: ArrayLike, n_t: ArrayLike, n_c: ArrayLike) -> Floats:
    """Cohen's d from the correlation of a value with its group."""
    n_t, n_c, r = (np.asarray(figure, dtype=float) for figure in (n_t, n_c, r))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(r * np.sqrt((n_t + n_c - 2) * (1 / n_t + 1 / n_c)) / np.sqrt(1 - r**2))


@of_printed_figures
def d_of_change_from_t(t: ArrayLike, n: ArrayLike) -> Floats:
    """Mean change in standard deviations of the changes, from the t of a paired test: t / √n."""
    return np.asarray(np.asarray(t, dtype=float) / np.sqrt(np.asarray(n, dtype=float)))


@of_printed_figures
def correlation_from_t(t: ArrayLike, n: ArrayLike, predictors: ArrayLike = 1) -> Floats:
    """Correlation from its t; with more `predictors` the partial correlation of the one whose t it is."""
    t = np.asarray(t, dtype=float)
    return np.asarray(t / np.sqrt(t**2 + np.asarray(n, dtype=float) - np.asarray(predictors, dtype=float) - 1))


@of_printed_figures
def correlation_from_p(p_value: ArrayLike, n: ArrayLike, predictors: ArrayLike = 1) -> Floats:
    """Correlation, or partial correlation, from the signed p of its t test."""
    freedom = np.asarray(n, dtype=float) - np.asarray(predictors, dtype=float) - 1
    return correlation_from_t(_t_from_signed_p(p_value, freedom), n, predictors)


@of_printed_figures
def r2_from_f(f: ArrayLike, n: ArrayLike, predictors: ArrayLike) -> Floats:
    """Share of variance that a regression explains, from the F of the whole model."""
    explained = np.asarray(f, dtype=float) * np.asarray(predictors, dtype=float)
    return np.asarray(explained / (explained + np.asarray(n, dtype=float) - np.asarray(predictors, dtype=float) - 1))


@of_printed_figures
def r2_from_p(p_value: ArrayLike, n: ArrayLike, predictors: ArrayLike) -> Floats:
    """Share of variance that a regression explains, from the p of the F test of the whole model."""
    from scipy.special import fdtri

    m = np.asarray(predictors, dtype=float)
    return r2_from_f(fdtri(m, np.asarray(n, dtype=float) - m - 1, 1 - np.asarray(p_value, dtype=float)), n, m)


def _t_from_signed_p(p_value: ArrayLike, freedom: ArrayLike) -> Floats:
    p_value = np.asarray(p_value, dtype=float)
    return np.asarray(np.sign(p_value) * t_from_p(np.abs(p_value), freedom))
