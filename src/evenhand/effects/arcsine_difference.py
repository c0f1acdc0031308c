"""Difference of two arms' risks on the arcsine scale, where a zero cell does no harm.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import arcsine_root, identity
from evenhand.effects.zero_cells import AS_COUNTED, ZeroCells, nan_where_undefined


def arcsine_difference(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Difference of the arcsines of the square roots of two risks, and its sampling variance.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Participants with the event, and all participants; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing, and nothing is needed.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Radians, -π/2 to π/2, half of Cohen's h; and the variance 1 / (4 n_t) + 1 / (4 n_c).

    References
    ----------
    Rücker, Schwarzer, Carpenter & Olkin (2009). Statist. Med. 28, 721-738.
    """
    a, n1, c, n2 = zero_cells.in_two_arms(events_t, n_t, events_c, n_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(arcsine_root(a / n1) - arcsine_root(c / n2), 1 / (4 * n1) + 1 / (4 * n2))


ARCSINE_DIFFERENCE = Measure(
    name="AS",
    label="effects.measure.AS",
    kind=Kind.COUNTS,
    estimate=arcsine_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=AS_COUNTED,
)
