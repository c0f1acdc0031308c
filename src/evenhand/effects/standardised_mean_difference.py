"""Difference of two arms' means, in standard deviations (Hedges' g).

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.mean_difference import pooled_variance
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity


def standardised_mean_difference(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Literal["LS", "LS2", "UB", "AV"] = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Hedges' g, treated minus control, and its sampling variance.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each arm; one entry a study.
    vtype : {"LS", "LS2", "UB", "AV"}
        Large-sample variance at g; at d, then times the correction squared; unbiased (Hedges 1983, eq. 9);
        large-sample at the studies' average g, weighted by their size.
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
    d = (np.asarray(mean_t, dtype=float) - mean_c) / np.sqrt(pooled_variance(sd_t, n_t, sd_c, n_c))
    n = np.asarray(n_t + n_c, dtype=float)
    freedom = n - 2
    correction = small_sample_correction(freedom) if correct else np.ones_like(freedom)
    g = correction * d
    of_the_means = 1 / n_t + 1 / n_c
    match vtype:
        case "LS":
            vi = of_the_means + g**2 / (2 * n)
        case "LS2":
            vi = correction**2 * (of_the_means + d**2 / (2 * n))
        case "UB":
            vi = of_the_means + (1 - (freedom - 2) / (freedom * correction**2)) * g**2
        case "AV":
            vi = of_the_means + np.average(g, weights=n) ** 2 / (2 * n)
    return g, vi


def small_sample_correction(freedom: Floats) -> Floats:
    """J(m) = Γ(m/2) / (√(m/2) Γ((m-1)/2)), by which d overstates the difference; shape (k,).

    Hedges (1981), eq. 6d. At one degree of freedom d has no expectation and J is zero.
    """
    from scipy.special import gammaln

    half = np.asarray(freedom, dtype=float) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.exp(gammaln(half) - 0.5 * np.log(half) - gammaln(half - 0.5)))


STANDARDISED_MEAN_DIFFERENCE = Measure(
    name="SMD",
    label="effects.measure.SMD",
    kind=Kind.MEANS,
    estimate=standardised_mean_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
