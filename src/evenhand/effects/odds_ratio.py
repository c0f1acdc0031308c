"""Odds ratio of two arms.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def log_odds_ratio(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Log odds ratio, treated against control, and its sampling variance.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Participants with the event, and all participants; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log odds ratio, unitless, and its variance; nan where a cell is zero.

    References
    ----------
    Woolf (1955). Annals of Human Genetics 19, 251-253.
    """
    a, n1, c, n2 = zero_cells.in_two_arms(events_t, n_t, events_c, n_c)
    b, d = n1 - a, n2 - c
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(a) - np.log(b) - np.log(c) + np.log(d)
        vi = 1 / a + 1 / b + 1 / c + 1 / d
    return nan_where_undefined(yi, vi)


ODDS_RATIO = Measure(
    name="OR",
    label="effects.measure.OR",
    kind=Kind.COUNTS,
    estimate=log_odds_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
