"""Events over time in two arms: the rates' ratio, their difference, and that of their roots.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def log_incidence_rate_ratio(
    events_t: Floats, time_t: Floats, events_c: Floats, time_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Log ratio of two incidence rates, treated against control, and its sampling variance.

    Parameters
    ----------
    events_t, time_t, events_c, time_c : ndarray, shape (k,)
        Events, and the time for which all people of the arm together were at risk; one entry a study.
    zero_cells : ZeroCells
        What is added to the events where an arm has none; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log rate ratio, unitless, and its variance; nan where an arm has no event.

    References
    ----------
    Rothman, Greenland & Lash (2008). Modern Epidemiology, 3rd ed., ch. 14.
    """
    x1, x2 = zero_cells.in_two_rates(events_t, time_t, events_c, time_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(x1 / time_t) - np.log(x2 / time_c), 1 / x1 + 1 / x2)


def incidence_rate_difference(
    events_t: Floats, time_t: Floats, events_c: Floats, time_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Difference of two incidence rates, events per unit of time, and its sampling variance.

    Arguments as in `log_incidence_rate_ratio`. Where neither arm has an event the variance is zero: the formula's
    failure, not certainty.
    """
    x1, x2 = zero_cells.in_two_rates(events_t, time_t, events_c, time_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = x1 / np.square(time_t) + x2 / np.square(time_c)
        return nan_where_undefined(x1 / time_t - x2 / time_c, vi)


def root_incidence_rate_difference(
    events_t: Floats, time_t: Floats, events_c: Floats, time_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Difference of the square roots of two incidence rates, and its variance 1 / (4 time_t) + 1 / (4 time_c).

    Arguments as in `log_incidence_rate_ratio`. Bagos & Nikolopoulos (2009), Int. J. Biostatistics 5(1), art. 21.
    """
    x1, x2 = zero_cells.in_two_rates(events_t, time_t, events_c, time_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = 1 / (4 * np.asarray(time_t, dtype=float)) + 1 / (4 * np.asarray(time_c, dtype=float))
        # The variance rests on the times alone, so it stands even where a study without events is dropped.
        return np.sqrt(x1 / time_t) - np.sqrt(x2 / time_c), vi


INCIDENCE_RATE_RATIO = Measure(
    name="IRR",
    label="effects.measure.IRR",
    kind=Kind.RATES,
    estimate=log_incidence_rate_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
INCIDENCE_RATE_DIFFERENCE = Measure(
    name="IRD",
    label="effects.measure.IRD",
    kind=Kind.RATES,
    estimate=incidence_rate_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
ROOT_INCIDENCE_RATE_DIFFERENCE = Measure(
    name="IRSD",
    label="effects.measure.IRSD",
    kind=Kind.RATES,
    estimate=root_incidence_rate_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=AS_COUNTED,
)
