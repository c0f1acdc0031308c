"""How much more one arm varies than the other: ratio of standard deviations, plain and against the means.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.zero_cells import nan_where_undefined

Order = Literal["LS", "LS2"]


def log_variability_ratio(
    sd_t: Floats, n_t: Floats, sd_c: Floats, n_c: Floats, *, vtype: Order = "LS", correct: bool = True
) -> tuple[Floats, Floats]:
    """Log ratio of two standard deviations, treated against control, and its sampling variance.

    Parameters
    ----------
    sd_t, n_t, sd_c, n_c : ndarray, shape (k,)
        Standard deviation (divisor n - 1) and participants of each arm; one entry a study.
    vtype : {"LS", "LS2"}
        Variance to the first or to the second order.
    correct : bool
        Whether the estimate is corrected for its small-sample bias.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log ratio, unitless, and its variance; nan where an arm does not vary or has one participant.

    References
    ----------
    Senior, Viechtbauer & Nakagawa (2020). Res. Synth. Methods 11, 553-567, eqs 5, 11, 15.
    """
    (log_t, v_t), (log_c, v_c) = (_log_sd(sd, n, vtype, correct) for sd, n in ((sd_t, n_t), (sd_c, n_c)))
    with np.errstate(invalid="ignore"):
        return nan_where_undefined(log_t - log_c, v_t + v_c)


def log_coefficient_of_variation_ratio(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Order = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Log ratio of two coefficients of variation (sd / mean), and its sampling variance.

    Arguments as in `log_variability_ratio`, with the arms' means; nan unless both means are above 0. Senior et al.
    (2020), eqs 6, 13, 16; the fourth-power terms of eq. 16 are halved, as the expansion asks.
    """
    (log_t, v_t), (log_c, v_c) = (_log_sd(sd, n, vtype, correct) for sd, n in ((sd_t, n_t), (sd_c, n_c)))
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = log_t - log_c - np.log(np.asarray(mean_t, dtype=float)) + np.log(np.asarray(mean_c, dtype=float))
        share_t, share_c = np.square(np.divide(sd_t, mean_t)) / n_t, np.square(np.divide(sd_c, mean_c)) / n_c
        if correct:
            yi = yi + 0.5 * (share_c - share_t)
        vi = v_t + v_c + share_t + share_c
        if vtype == "LS2":
            vi = vi + 0.5 * (share_t**2 + share_c**2)
    return nan_where_undefined(yi, vi)


def _log_sd(sd: Floats, n: Floats, vtype: Order, correct: bool) -> tuple[Floats, Floats]:
    """Log standard deviation of an arm and its sampling variance; shape (k,)."""
    if vtype not in ("LS", "LS2"):
        raise ValueError(f"variability: vtype is '{vtype}'; write 'LS' or 'LS2'")
    with np.errstate(divide="ignore", invalid="ignore"):
        half = 1 / (2 * (np.asarray(n, dtype=float) - 1))
        log_sd = np.log(np.asarray(sd, dtype=float)) + (half if correct else 0.0)
        return log_sd, half + (2 * half**2 if vtype == "LS2" else 0.0)


VARIABILITY_RATIO = Measure(
    name="VR",
    label="effects.measure.VR",
    kind=Kind.SPREADS,
    estimate=log_variability_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)
COEFFICIENT_OF_VARIATION_RATIO = Measure(
    name="CVR",
    label="effects.measure.CVR",
    kind=Kind.MEANS,
    estimate=log_coefficient_of_variation_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)
