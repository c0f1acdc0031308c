"""How much the people of one arm vary: log standard deviation, and log coefficient of variation.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.zero_cells import nan_where_undefined


def log_standard_deviation(sd: Floats, n: Floats, *, correct: bool = True) -> tuple[Floats, Floats]:
    """Log standard deviation and its sampling variance 1 / (2 (n - 1)); shape (k,), nan where nobody differs.

    `correct` says whether it is corrected for its small-sample bias. Raudenbush & Bryk (1987), Journal of Educational
    Statistics 12, 241-269; Nakagawa et al. (2015), Methods in Ecology and Evolution 6, 143-152.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        half = 1 / (2 * (np.asarray(n, dtype=float) - 1))
        return nan_where_undefined(np.log(sd) + (half if correct else 0.0), half)


def log_coefficient_of_variation(mean: Floats, sd: Floats, n: Floats, *, correct: bool = True) -> tuple[Floats, Floats]:
    """Log coefficient of variation sd / mean and its sampling variance; shape (k,), nan unless the mean is > 0.

    As `log_standard_deviation`; Nakagawa et al. (2015), eq. 27 without its correlation, as the mean and the
    standard deviation of normal values are independent.
    """
    log_sd, of_the_sd = log_standard_deviation(sd, n, correct=correct)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_the_mean = np.square(np.divide(sd, mean)) / n
        return nan_where_undefined(log_sd - np.log(np.asarray(mean, dtype=float)), of_the_sd + of_the_mean)


LOG_STANDARD_DEVIATION = Measure(
    name="SDLN",
    label="effects.measure.SDLN",
    kind=Kind.ONE_SPREAD,
    estimate=log_standard_deviation,
    to_display=np.exp,
    from_display=np.log,
    null=None,
)
LOG_COEFFICIENT_OF_VARIATION = Measure(
    name="CVLN",
    label="effects.measure.CVLN",
    kind=Kind.ONE_MEAN,
    estimate=log_coefficient_of_variation,
    to_display=np.exp,
    from_display=np.log,
    null=None,
)
