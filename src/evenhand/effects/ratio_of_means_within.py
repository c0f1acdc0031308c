"""Ratio of the mean after to the mean before within people, for scales that start at zero.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.zero_cells import nan_where_undefined


def log_ratio_of_means_within(
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
    """Log ratio of the mean after to the mean before, and its sampling variance.

    Parameters
    ----------
    mean_after, sd_after, mean_before, sd_before, n, r : ndarray, shape (k,)
        As in `mean_change`.
    vtype : {"LS", "LS2"}
        Variance to the first order; to the second as published.
    correct : bool
        Whether the estimate is corrected for its small-sample bias.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log ratio, unitless, and its variance; nan unless both means have the same sign.

    References
    ----------
    Lajeunesse (2011). Ecology 92, 2049-2055. Senior, Viechtbauer & Nakagawa (2020). Res. Synth. Methods 11, 553-567,
    eq. 24 for the second order.
    """
    mean_after, mean_before = np.asarray(mean_after, dtype=float), np.asarray(mean_before, dtype=float)
    n = np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv_a, cv_b = sd_after / mean_after, sd_before / mean_before
        share_a, share_b = cv_a**2 / n, cv_b**2 / n
        yi = np.log(mean_after / mean_before)
        if correct:
            yi = yi + 0.5 * (share_a - share_b)
        vi = share_a + share_b - 2 * np.asarray(r) * cv_a * cv_b / n
        if vtype == "LS2":
            between = (mean_after**4 + mean_before**4) / (2 * mean_after**2 * mean_before**2)
            vi = vi + 0.5 * (share_a**2 + share_b**2) + np.square(r) * share_a * share_b * between
        elif vtype != "LS":
            raise ValueError(f"ROMC: vtype is '{vtype}'; write 'LS' or 'LS2'")
    return nan_where_undefined(yi, vi)


RATIO_OF_MEANS_WITHIN = Measure(
    name="ROMC",
    label="effects.measure.ROMC",
    kind=Kind.CHANGE,
    estimate=log_ratio_of_means_within,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)
