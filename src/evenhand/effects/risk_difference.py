"""Risk difference of two arms.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def risk_difference(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Risk difference, treated minus control, and its sampling variance.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Participants with the event, and all participants; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Difference of two proportions, -1 to 1, and its variance. Where no one, or everyone, has the event in both
        arms the variance is zero: the formula's failure, not certainty; no weight should be made of it.

    References
    ----------
    Fleiss, Levin & Paik (2003). Statistical Methods for Rates and Proportions, 3rd ed., §3.2.
    """
    a, n1, c, n2 = zero_cells.in_two_arms(events_t, n_t, events_c, n_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = a / n1, c / n2
        vi = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    return nan_where_undefined(p1 - p2, vi)


RISK_DIFFERENCE = Measure(
    name="RD",
    label="effects.measure.RD",
    kind=Kind.COUNTS,
    estimate=risk_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
