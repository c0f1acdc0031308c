"""Difference of two arms' means, in the standard deviation between theirs, where the two differ.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.standardised_mean_difference import small_sample_correction
from evenhand.effects.zero_cells import nan_where_undefined


def smd_unequal_variances(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Literal["LS", "LS2"] = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Mean difference over the root of the arms' average variance, and its sampling variance.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each arm; one entry a study.
    vtype : {"LS", "LS2"}
        Large-sample variance with the arms' degrees of freedom, or with their sizes.
    correct : bool
        Whether the estimate is corrected for its small-sample bias, with n_t + n_c - 2 degrees of freedom.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Difference in standard deviations, unitless, and its variance; nan where neither arm varies.

    References
    ----------
    Bonett (2008). Psychological Methods 13, 99-109. Bonett (2009). Psychological Methods 14, 225-238.
    """
    n_t, n_c = np.asarray(n_t, dtype=float), np.asarray(n_c, dtype=float)
    if vtype not in ("LS", "LS2"):
        raise ValueError(f"SMDH: vtype is '{vtype}'; write 'LS' or 'LS2'")
    size_t, size_c = (n_t - 1, n_c - 1) if vtype == "LS" else (n_t, n_c)
    v_t, v_c = np.square(sd_t), np.square(sd_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (v_t + v_c) / 2
        yi = np.subtract(mean_t, mean_c) / np.sqrt(between)
        if correct:
            yi = yi * small_sample_correction(n_t + n_c - 2)
        of_the_sd = (v_t**2 / size_t + v_c**2 / size_c) / (8 * between**2)
        return nan_where_undefined(yi, yi**2 * of_the_sd + (v_t / size_t + v_c / size_c) / between)


SMD_UNEQUAL_VARIANCES = Measure(
    name="SMDH",
    label="effects.measure.SMDH",
    kind=Kind.MEANS,
    estimate=smd_unequal_variances,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
