"""An odds ratio as the standardised mean difference that a cut through two distributions would give.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.odds_ratio import log_odds_ratio
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells

# Log odds to one standard deviation of the scale behind them: exactly so for a logistic distribution, and for a normal
# one by the constant of Cox & Snell (1989), Analysis of Binary Data, 2nd ed.
LOGISTIC_SD = float(np.pi / np.sqrt(3))
NORMAL_SD = 1.65


def smd_from_odds_ratio_logistic(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Log odds ratio times √3 / π, and its sampling variance.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Participants with the event, and all participants; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Standardised mean difference if the scale behind the event is logistic, and its variance; nan where a cell is
        zero.

    References
    ----------
    Hasselblad & Hedges (1995). Psychological Bulletin 117, 167-178. Chinn (2000). Statist. Med. 19, 3127-3131.
    """
    return _scaled(LOGISTIC_SD, log_odds_ratio(events_t, n_t, events_c, n_c, zero_cells=zero_cells))


def smd_from_odds_ratio_normal(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Log odds ratio divided by 1.65, and its sampling variance; arguments as in the logistic form.

    Standardised mean difference if the scale behind the event is normal (Cox & Snell 1989; Sánchez-Meca et al. 2003,
    Psychological Methods 8, 448-467).
    """
    return _scaled(NORMAL_SD, log_odds_ratio(events_t, n_t, events_c, n_c, zero_cells=zero_cells))


def _scaled(sd: float, effect: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    yi, vi = effect
    return yi / sd, vi / sd**2


ODDS_RATIO_AS_SMD_LOGISTIC = Measure(
    name="OR2DL",
    label="effects.measure.OR2DL",
    kind=Kind.COUNTS,
    estimate=smd_from_odds_ratio_logistic,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
ODDS_RATIO_AS_SMD_NORMAL = Measure(
    name="OR2DN",
    label="effects.measure.OR2DN",
    kind=Kind.COUNTS,
    estimate=smd_from_odds_ratio_normal,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
