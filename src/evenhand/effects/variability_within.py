"""How much more people vary after than before: ratio of standard deviations, plain and against the means.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.ratio_of_means_within import log_ratio_of_means_within
from evenhand.effects.zero_cells import nan_where_undefined


def log_variability_ratio_within(
    sd_after: Floats, sd_before: Floats, n: Floats, r: Floats, *, vtype: Literal["LS", "LS2"] = "LS"
) -> tuple[Floats, Floats]:
    """Log ratio of the standard deviation after to that before, and its sampling variance.

    Parameters
    ----------
    sd_after, sd_before, n, r : ndarray, shape (k,)
        Standard deviations (divisor n - 1) at both times, the people, and the correlation of before with after.
    vtype : {"LS", "LS2"}
        Variance to the first order; to the second as published.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log ratio, unitless, and its variance. The small-sample corrections of both cancel.

    References
    ----------
    Senior, Viechtbauer & Nakagawa (2020). Res. Synth. Methods 11, 553-567, eqs 21, 22.
    """
    freedom = np.asarray(n, dtype=float) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        v_a, v_b, shared = np.square(sd_after), np.square(sd_before), np.square(r)
        vi = (1 - shared) / freedom
        if vtype == "LS2":
            vi = vi + (1 + shared**2 * (v_a**4 + v_b**4) / (2 * v_a**2 * v_b**2)) / freedom**2
        elif vtype != "LS":
            raise ValueError(f"VRC: vtype is '{vtype}'; write 'LS' or 'LS2'")
        return nan_where_undefined(np.log(np.divide(sd_after, sd_before)), vi)


def log_coefficient_of_variation_ratio_within(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
    *,
    vtype: Literal["LS", "LS2"] = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Log ratio of the coefficient of variation after to that before, and its sampling variance.

    Arguments as in `log_ratio_of_means_within`; Senior et al. (2020), eqs 23, 24. Means and standard deviations of
    normal values are independent, so the variance is the sum of those of the two ratios.
    """
    spread, of_the_spread = log_variability_ratio_within(sd_after, sd_before, n, r, vtype=vtype)
    # A coefficient of variation has no meaning below zero, though the ratio of two negative means would.
    mean_after, mean_before = (np.where(np.greater(mean, 0), mean, np.nan) for mean in (mean_after, mean_before))
    means, of_the_means = log_ratio_of_means_within(
        mean_after, sd_after, mean_before, sd_before, n, r, vtype=vtype, correct=False
    )
    yi = spread - means
    if correct:
        with np.errstate(divide="ignore", invalid="ignore"):
            share_after, share_before = np.square(sd_after / mean_after) / n, np.square(sd_before / mean_before) / n
        yi = yi + 0.5 * (share_before - share_after)
    return nan_where_undefined(yi, of_the_spread + of_the_means)


VARIABILITY_RATIO_WITHIN = Measure(
    name="VRC",
    label="effects.measure.VRC",
    kind=Kind.CHANGE_OF_SPREAD,
    estimate=log_variability_ratio_within,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)
COEFFICIENT_OF_VARIATION_RATIO_WITHIN = Measure(
    name="CVRC",
    label="effects.measure.CVRC",
    kind=Kind.CHANGE,
    estimate=log_coefficient_of_variation_ratio_within,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)
