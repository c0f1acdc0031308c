"""Ratio of two arms' means, for scales that start at zero.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.mean_difference import pooled_variance
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.standardised_mean_difference import average_over_studies
from evenhand.effects.zero_cells import nan_where_undefined


def log_ratio_of_means(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Literal["LS", "HO", "LS2", "AV", "AVHO"] = "LS",
    correct: bool = True,
) -> tuple[Floats, Floats]:
    """Log ratio of means, treated against control, and its sampling variance.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each arm; one entry a study.
    vtype : {"LS", "HO", "LS2", "AV", "AVHO"}
        Each arm's own coefficient of variation; one variance common to both arms; the first to the second order; each
        arm's coefficient of variation averaged over the studies; averaged over studies and arms. The averages weight by
        participants.
    correct : bool
        Whether the estimate is corrected for its small-sample bias (Lajeunesse 2015).

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log ratio, unitless, and its variance; nan unless both means have the same sign.

    References
    ----------
    Hedges, Gurevitch & Curtis (1999). Ecology 80, 1150-1156.
    Lajeunesse (2015). Ecology 96, 2056-2063, eqs 8, 9.
    """
    mean_t, mean_c, n_t, n_c = (np.asarray(figure, dtype=float) for figure in (mean_t, mean_c, n_t, n_c))
    with np.errstate(divide="ignore", invalid="ignore"):
        cv_t, cv_c = sd_t / mean_t, sd_c / mean_c
        yi = np.log(mean_t / mean_c)
        if correct:
            yi = yi + 0.5 * (cv_t**2 / n_t - cv_c**2 / n_c)
        match vtype:
            case "LS":
                vi = cv_t**2 / n_t + cv_c**2 / n_c
            case "HO":
                variance = pooled_variance(sd_t, n_t, sd_c, n_c)
                vi = variance / (n_t * mean_t**2) + variance / (n_c * mean_c**2)
            case "LS2":
                share_t, share_c = cv_t**2 / n_t, cv_c**2 / n_c
                vi = share_t + share_c + 0.5 * (share_t**2 + share_c**2)
            case "AV":
                vi = average_over_studies(cv_t, n_t) ** 2 / n_t + average_over_studies(cv_c, n_c) ** 2 / n_c
            case "AVHO":
                both = average_over_studies(np.concatenate([cv_t, cv_c]), np.concatenate([n_t, n_c]))
                vi = both**2 * (1 / n_t + 1 / n_c)
            case _:
                raise ValueError(f"ROM: vtype is '{vtype}'; write 'LS', 'HO', 'LS2', 'AV' or 'AVHO'")
    return nan_where_undefined(yi, vi)


RATIO_OF_MEANS = Measure(
    name="ROM",
    label="effects.measure.ROM",
    kind=Kind.MEANS,
    estimate=log_ratio_of_means,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)
