"""Difference of two arms' means, in standard deviations (Hedges' g).

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.mean_difference import pooled_variance
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import nan_where_undefined

Variance = Literal["LS", "LS2", "UB", "AV", "H0"]


def standardised_mean_difference(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Variance = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Hedges' g, treated minus control, and its sampling variance.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each arm; one entry a study.
    vtype : {"LS", "LS2", "UB", "AV", "H0"}
        Large-sample variance at g; at d, then times the correction squared; unbiased (Hedges 1983, eq. 9);
        large-sample at the studies' average g, weighted by their size; as if there were no difference.
    correct : bool
        Whether d is corrected for its small-sample bias, exactly rather than by 1 - 3 / (4 m - 1).

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Difference in pooled standard deviations, unitless, and its variance.

    References
    ----------
    Hedges (1981). Journal of Educational Statistics 6, 107-128, eqs 6d, 6e.
    Hedges (1983). Psychological Bulletin 93, 388-395.
    """
    n_t, n_c = np.asarray(n_t, dtype=float), np.asarray(n_c, dtype=float)
    freedom = n_t + n_c - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.subtract(mean_t, mean_c) / np.sqrt(pooled_variance(sd_t, n_t, sd_c, n_c))
        correction = small_sample_correction(freedom) if correct else np.ones_like(freedom)
        vi = variance_of_g(d, correction, n_t, n_c, size=n_t + n_c, freedom=freedom, vtype=vtype)
        return nan_where_undefined(correction * d, vi)


def variance_of_g(
    d: Floats, correction: Floats, n_t: Floats, n_c: Floats, *, size: Floats, freedom: Floats, vtype: Variance
) -> Floats:
    """Sampling variance of g = correction · d, each of shape (k,).

    `size` and `freedom` are the participants behind the standard deviation, and its degrees of freedom.
    """
    g = correction * d
    of_the_means = 1 / n_t + 1 / n_c
    match vtype:
        case "LS":
            return np.asarray(of_the_means + g**2 / (2 * size))
        case "LS2":
            return np.asarray(correction**2 * (of_the_means + d**2 / (2 * size)))
        case "UB":
            return np.asarray(of_the_means + (1 - (freedom - 2) / (freedom * correction**2)) * g**2)
        case "AV":
            return np.asarray(of_the_means + average_over_studies(g, n_t + n_c) ** 2 / (2 * size))
        case "H0":
            # Exact: the variance of Student's t over that of the normal, and the correction.
            return np.asarray(of_the_means * correction**2 * freedom / (freedom - 2) + 0 * d)
        case _:
            raise ValueError(f"standardised difference: vtype is '{vtype}'; write 'LS', 'LS2', 'UB', 'AV' or 'H0'")


def average_over_studies(values: Floats, sizes: Floats) -> float:
    """Average of those studies' values that exist, weighted by their sizes; nan where none does."""
    known = np.isfinite(values) & np.isfinite(sizes)
    return float(np.average(values[known], weights=sizes[known])) if known.any() else float("nan")


def small_sample_correction(freedom: Floats) -> Floats:
    """J(m) = Γ(m/2) / (√(m/2) Γ((m-1)/2)), by which d overstates the difference; shape (k,).

    Hedges (1981), eq. 6d. At one degree of freedom d has no expectation to be freed of, and J is nan.
    """
    from scipy.special import gammaln

    half = np.asarray(freedom, dtype=float) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = np.exp(gammaln(half) - 0.5 * np.log(half) - gammaln(half - 0.5))
    return np.where(half > 0.5, correction, np.nan)


STANDARDISED_MEAN_DIFFERENCE = Measure(
    name="SMD",
    label="effects.measure.SMD",
    kind=Kind.MEANS,
    estimate=standardised_mean_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
