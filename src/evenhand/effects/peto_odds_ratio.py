"""Odds ratio of two arms by Peto's one step, for rare events and small effects in arms of like size.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def observed_minus_expected(events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats) -> tuple[Floats, Floats]:
    """Events in the treated arm beyond those expected if both arms had one risk, and their variance; shape (k,).

    The variance is that of the hypergeometric distribution, with both margins of the table held.
    """
    a, n1, c, n2 = (np.asarray(count, dtype=float) for count in (events_t, n_t, events_c, n_c))
    n, events = n1 + n2, a + c
    with np.errstate(divide="ignore", invalid="ignore"):
        return a - events * n1 / n, events * (n - events) * (n1 / n) * (n2 / n) / (n - 1)


def peto_log_odds_ratio(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Peto's log odds ratio (O - E) / V, treated against control, and its sampling variance 1 / V.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Participants with the event, and all participants; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing, and nothing is needed where either arm has an event.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log odds ratio, unitless, and its variance; nan where no one, or everyone, has the event in both arms.

    References
    ----------
    Yusuf, Peto, Lewis, Collins & Sleight (1985). Prog. Cardiovasc. Dis. 27, 335-371, appendix.
    """
    excess, variance = observed_minus_expected(*zero_cells.in_two_arms(events_t, n_t, events_c, n_c))
    return log_ratio_from_excess(excess, variance)


def log_ratio_from_excess(excess: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Log ratio and its sampling variance from O - E and V, shape (k,): of odds, or from a log-rank test of hazards."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.divide(excess, variance), np.divide(1.0, variance))


PETO_ODDS_RATIO = Measure(
    name="PETO",
    label="effects.measure.PETO",
    kind=Kind.COUNTS,
    estimate=peto_log_odds_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
