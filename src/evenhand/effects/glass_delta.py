"""Difference of two arms' means, in standard deviations of the control arm (Glass's delta).

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.standardised_mean_difference import Variance, small_sample_correction, variance_of_g
from evenhand.effects.zero_cells import nan_where_undefined


def glass_delta(
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
    """Mean difference over the control arm's standard deviation, and its sampling variance if the arms vary alike.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each arm; one entry a study. `sd_t` is not used and
        may be nan.
    vtype : {"LS", "LS2", "UB", "AV", "H0"}
        As in `standardised_mean_difference`, with the control arm's size and degrees of freedom.
    correct : bool
        Whether the estimate is corrected for its small-sample bias, with n_c - 1 degrees of freedom.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Difference in standard deviations, unitless, and its variance.

    References
    ----------
    Hedges (1981). Journal of Educational Statistics 6, 107-128.
    """
    n_t, n_c = np.asarray(n_t, dtype=float), np.asarray(n_c, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.subtract(mean_t, mean_c) / np.asarray(sd_c, dtype=float)
        correction = small_sample_correction(n_c - 1) if correct else np.ones_like(d)
        vi = variance_of_g(d, correction, n_t, n_c, size=n_c, freedom=n_c - 1, vtype=vtype)
        return nan_where_undefined(correction * d, vi)


def glass_delta_unequal_variances(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Glass's delta, and its sampling variance where the arms need not vary alike.

    Arguments as in `glass_delta`; Bonett (2008), Psychological Methods 13, 99-109.
    """
    n_t, n_c = np.asarray(n_t, dtype=float), np.asarray(n_c, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.subtract(mean_t, mean_c) / np.asarray(sd_c, dtype=float)
        if correct:
            yi = yi * small_sample_correction(n_c - 1)
        vi = np.square(sd_t) / (np.square(sd_c) * (n_t - 1)) + 1 / (n_c - 1) + yi**2 / (2 * (n_c - 1))
        return nan_where_undefined(yi, vi)


GLASS_DELTA = Measure(
    name="SMD1",
    label="effects.measure.SMD1",
    kind=Kind.MEANS,
    estimate=glass_delta,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
GLASS_DELTA_UNEQUAL_VARIANCES = Measure(
    name="SMD1H",
    label="effects.measure.SMD1H",
    kind=Kind.MEANS,
    estimate=glass_delta_unequal_variances,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
