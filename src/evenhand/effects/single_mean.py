"""Mean of one arm, plain, on the log scale, and in standard deviations.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.standardised_mean_difference import small_sample_correction
from evenhand.effects.zero_cells import nan_where_undefined


def single_mean(mean: Floats, sd: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Mean in the scale's unit and its sampling variance sd² / n; both shape (k,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(mean, dtype=float), np.asarray(np.square(sd) / n)


def log_mean(mean: Floats, sd: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Log mean and its sampling variance sd² / (n mean²), by the delta method; nan unless the mean is > 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(mean), np.square(np.divide(sd, mean)) / n)


def standardised_mean(mean: Floats, sd: Floats, n: Floats, *, correct: bool = True) -> tuple[Floats, Floats]:
    """Mean over the standard deviation and its sampling variance 1 / n + g² / (2 n); shape (k,).

    For the distance from a fixed value, subtract it from the means first. `correct` says whether the estimate is
    corrected for its small-sample bias, as Hedges' g is.
    """
    n = np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = np.asarray(mean, dtype=float) / sd * (small_sample_correction(n - 1) if correct else 1.0)
        return nan_where_undefined(g, 1 / n + g**2 / (2 * n))


SINGLE_MEAN = Measure(
    name="MN",
    label="effects.measure.MN",
    kind=Kind.ONE_MEAN,
    estimate=single_mean,
    to_display=identity,
    from_display=identity,
    null=None,
)
LOG_MEAN = Measure(
    name="MNLN",
    label="effects.measure.MNLN",
    kind=Kind.ONE_MEAN,
    estimate=log_mean,
    to_display=np.exp,
    from_display=np.log,
    null=None,
)
STANDARDISED_MEAN = Measure(
    name="SMN",
    label="effects.measure.SMN",
    kind=Kind.ONE_MEAN,
    estimate=standardised_mean,
    to_display=identity,
    from_display=identity,
    null=None,
)
