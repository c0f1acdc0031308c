"""Yule's Q and Y: the odds ratio drawn together to between -1 and 1.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def yule_q(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Yule's Q = (OR - 1) / (OR + 1), and its sampling variance.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Those with the one trait who have the other, and all of them; then those without.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Association, -1 to 1, and its variance; nan where a cell is zero.

    References
    ----------
    Yule (1912). Journal of the Royal Statistical Society 75, 579-652.
    """
    return _drawn_together(1.0, zero_cells.in_two_arms(events_t, n_t, events_c, n_c))


def yule_y(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Yule's Y = (√OR - 1) / (√OR + 1), and its sampling variance; arguments as in `yule_q`."""
    return _drawn_together(0.5, zero_cells.in_two_arms(events_t, n_t, events_c, n_c))


def _drawn_together(power: float, counts: tuple[Floats, ...]) -> tuple[Floats, Floats]:
    """(OR^power - 1) / (OR^power + 1), which is the hyperbolic tangent of power · log OR / 2."""
    a, n1, c, n2 = counts
    b, d = n1 - a, n2 - c
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.tanh(power / 2 * (np.log(a) - np.log(b) - np.log(c) + np.log(d)))
        vi = (power / 2 * (1 - yi**2)) ** 2 * (1 / a + 1 / b + 1 / c + 1 / d)
    return nan_where_undefined(yi, vi)


YULE_Q = Measure(
    name="YUQ",
    label="effects.measure.YUQ",
    kind=Kind.COUNTS,
    estimate=yule_q,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
YULE_Y = Measure(
    name="YUY",
    label="effects.measure.YUY",
    kind=Kind.COUNTS,
    estimate=yule_y,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
