"""Change of a mean within people, in the unit of the scale.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity


def mean_change(
    mean_after: Floats,
    sd_after: Floats,
    mean_before: Floats,
    sd_before: Floats,
    n: Floats,
    r: Floats,
) -> tuple[Floats, Floats]:
    """Mean change within people, after minus before, and its sampling variance.

    Parameters
    ----------
    mean_after, sd_after, mean_before, sd_before : ndarray, shape (k,)
        Mean and standard deviation (divisor n - 1) at both times, or of both members of pairs; one entry a study. Where
        a paper prints the change itself, give it as `mean_after` and `sd_after`, with 0 for the rest.
    n, r : ndarray, shape (k,)
        People, and the correlation of their values before with those after.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Change in the scale's unit, and its variance in that unit squared; without a spread only `vi` is nan.

    References
    ----------
    Morris & DeShon (2002). Psychological Methods 7, 105-125.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = variance_of_change(sd_after, sd_before, r) / np.asarray(n, dtype=float)
    return np.subtract(mean_after, mean_before), vi


def variance_of_change(sd_after: Floats, sd_before: Floats, r: Floats) -> Floats:
    """Variance of the changes of single people, in the scale's unit squared; shape (k,)."""
    return np.asarray(np.square(sd_after) + np.square(sd_before) - 2 * np.multiply(r, np.multiply(sd_after, sd_before)))


MEAN_CHANGE = Measure(
    name="MC",
    label="effects.measure.MC",
    kind=Kind.CHANGE,
    estimate=mean_change,
    to_display=identity,
    from_display=identity,
    null=0.0,
)
