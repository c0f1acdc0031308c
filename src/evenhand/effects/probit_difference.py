"""Difference of two arms' risks on the probit scale: a standardised mean difference behind a cut.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.proportion import probit_of_proportion
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def probit_difference(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Difference of the probits of two risks, and its sampling variance.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Participants with the event, and all participants; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Standard deviations of the normal scale that the event is a cut of, and the variance; nan where a cell is zero.

    References
    ----------
    Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003). Psychological Methods 8, 448-467.
    """
    a, n1, c, n2 = zero_cells.in_two_arms(events_t, n_t, events_c, n_c)
    (z1, v1), (z2, v2) = probit_of_proportion(a, n1), probit_of_proportion(c, n2)
    return nan_where_undefined(z1 - z2, v1 + v2)


PROBIT_DIFFERENCE = Measure(
    name="PBIT",
    label="effects.measure.PBIT",
    kind=Kind.COUNTS,
    estimate=probit_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
