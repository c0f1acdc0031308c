"""Mean of one arm, plain and on the log scale.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import nan_where_undefined


def single_mean(mean: Floats, sd: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Mean in the scale's unit and its sampling variance sd² / n; both shape (k,)."""
    return np.asarray(mean, dtype=float), np.asarray(sd**2 / n)


def log_mean(mean: Floats, sd: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Log mean and its sampling variance sd² / (n mean²), by the delta method; nan unless the mean is > 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(mean), np.asarray(sd**2 / (n * np.asarray(mean, dtype=float) ** 2)))


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
