"""Risk ratio of two arms.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def log_risk_ratio(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Log risk ratio, treated against control, and its sampling variance.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Participants with the event, and all participants; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log risk ratio, unitless, and its variance; nan where an arm has no event.

    References
    ----------
    Katz et al. (1978). Biometrics 34, 469-474.
    """
    a, n1, c, n2 = zero_cells.in_two_arms(events_t, n_t, events_c, n_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(a / n1) - np.log(c / n2)
        vi = 1 / a - 1 / n1 + 1 / c - 1 / n2
    return nan_where_undefined(yi, vi)


RISK_RATIO = Measure(
    name="RR",
    label="effects.measure.RR",
    kind=Kind.COUNTS,
    estimate=log_risk_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
