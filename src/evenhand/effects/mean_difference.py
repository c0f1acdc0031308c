"""Difference of two arms' means, in the unit of the scale.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity


def mean_difference(
    mean_t: Floats,
    sd_t: Floats,
    n_t: Floats,
    mean_c: Floats,
    sd_c: Floats,
    n_c: Floats,
    *,
    vtype: Literal["LS", "HO"] = "LS",
) -> tuple[Floats, Floats]:
    """Mean difference, treated minus control, and its sampling variance.

    Parameters
    ----------
    mean_t, sd_t, n_t, mean_c, sd_c, n_c : ndarray, shape (k,)
        Mean, standard deviation (divisor n - 1) and participants of each arm; one entry a study.
    vtype : {"LS", "HO"}
        Each arm its own variance, or one variance common to both (homoscedastic).

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Difference in the scale's unit, and its variance in that unit squared.

    References
    ----------
    Borenstein et al. (2009). Introduction to Meta-Analysis, ch. 4.
    """
    yi = np.asarray(mean_t, dtype=float) - mean_c
    with np.errstate(divide="ignore", invalid="ignore"):
        match vtype:
            case "LS":
                vi = np.square(sd_t) / n_t + np.square(sd_c) / n_c
            case "HO":
                vi = pooled_variance(sd_t, n_t, sd_c, n_c) * (np.divide(1.0, n_t) + np.divide(1.0, n_c))
            case _:
                raise ValueError(f"MD: vtype is '{vtype}'; write 'LS' or 'HO'")
    # Without a spread there is still a difference, so `yi` stays where `vi` is nan.
    return yi, np.asarray(vi)


def pooled_variance(sd_t: Floats, n_t: Floats, sd_c: Floats, n_c: Floats) -> Floats:
    """Variance common to two arms, each weighted by its degrees of freedom; shape (k,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(((n_t - 1) * np.square(sd_t) + (n_c - 1) * np.square(sd_c)) / (n_t + n_c - 2))


MEAN_DIFFERENCE = Measure(
    name="MD",
    label="effects.measure.MD",
    kind=Kind.MEANS,
    estimate=mean_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
