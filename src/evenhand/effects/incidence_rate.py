"""Incidence rate of one arm, on each scale in use.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity, square
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def incidence_rate(events: Floats, time: Floats, *, zero_cells: ZeroCells = AS_COUNTED) -> tuple[Floats, Floats]:
    """Events per unit of time and the sampling variance events / time²; both shape (k,).

    With expected events in the place of time it is a standardised incidence ratio. The variance is zero where there is
    no event: the formula's failure, not certainty.
    """
    (x,) = zero_cells.in_table(events)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(x / time, x / np.square(time))


def log_incidence_rate(events: Floats, time: Floats, *, zero_cells: ZeroCells = AS_COUNTED) -> tuple[Floats, Floats]:
    """Log incidence rate and its sampling variance 1 / events; shape (k,), nan where there is no event."""
    (x,) = zero_cells.in_table(events)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(x / time), 1 / x)


def root_incidence_rate(events: Floats, time: Floats, *, zero_cells: ZeroCells = AS_COUNTED) -> tuple[Floats, Floats]:
    """Square root of the incidence rate and its sampling variance 1 / (4 time); shape (k,)."""
    (x,) = zero_cells.in_table(events)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.sqrt(x / time), 1 / (4 * np.asarray(time, dtype=float)))


def double_root_incidence_rate(
    events: Floats, time: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Mean of the roots of the rates with x and with x + 1 events, and its sampling variance 1 / (4 time); shape (k,).

    References
    ----------
    Freeman & Tukey (1950). Annals of Mathematical Statistics 21, 607-611.
    """
    (x,) = zero_cells.in_table(events)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = 0.5 * (np.sqrt(x / time) + np.sqrt((x + 1) / time))
        return nan_where_undefined(yi, 1 / (4 * np.asarray(time, dtype=float)))


INCIDENCE_RATE = Measure(
    name="IR",
    label="effects.measure.IR",
    kind=Kind.ONE_RATE,
    estimate=incidence_rate,
    to_display=identity,
    from_display=identity,
    null=None,
    customary_zero_cells=HALF_WHERE_ZERO,
)
LOG_INCIDENCE_RATE = Measure(
    name="IRLN",
    label="effects.measure.IRLN",
    kind=Kind.ONE_RATE,
    estimate=log_incidence_rate,
    to_display=np.exp,
    from_display=np.log,
    null=None,
    customary_zero_cells=HALF_WHERE_ZERO,
)
ROOT_INCIDENCE_RATE = Measure(
    name="IRS",
    label="effects.measure.IRS",
    kind=Kind.ONE_RATE,
    estimate=root_incidence_rate,
    to_display=square,
    from_display=np.sqrt,
    null=None,
    customary_zero_cells=AS_COUNTED,
)
DOUBLE_ROOT_INCIDENCE_RATE = Measure(
    name="IRFT",
    label="effects.measure.IRFT",
    kind=Kind.ONE_RATE,
    estimate=double_root_incidence_rate,
    to_display=square,
    from_display=np.sqrt,
    null=None,
    customary_zero_cells=AS_COUNTED,
)
