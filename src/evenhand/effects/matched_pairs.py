"""Events in matched pairs, or in people who had both treatments: the treatments' own risks, compared.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import AS_COUNTED, HALF_WHERE_ZERO, ZeroCells, nan_where_undefined


def matched_risk_difference(
    events_both: Floats,
    events_t_only: Floats,
    events_c_only: Floats,
    events_neither: Floats,
    *,
    zero_cells: ZeroCells = AS_COUNTED,
) -> tuple[Floats, Floats]:
    """Difference of the marginal risks of a paired table, treated minus control, and its sampling variance.

    Parameters
    ----------
    events_both, events_t_only, events_c_only, events_neither : ndarray, shape (k,)
        Pairs with the event under both treatments, under the one, under the other, under neither; one entry a study.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Difference of two proportions, -1 to 1, and its variance, which is zero where all pairs agree.

    References
    ----------
    Newcombe (1998). Statist. Med. 17, 2635-2650. Zou (2007). Statist. Med. 26, 4016-4030.
    """
    a, b, c, d = zero_cells.in_table(events_both, events_t_only, events_c_only, events_neither)
    n = a + b + c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = (b - c) / n
        return nan_where_undefined(difference, ((b + c) / n - difference**2) / n)


def matched_log_risk_ratio(
    events_both: Floats,
    events_t_only: Floats,
    events_c_only: Floats,
    events_neither: Floats,
    *,
    zero_cells: ZeroCells = AS_COUNTED,
) -> tuple[Floats, Floats]:
    """Log ratio of the marginal risks of a paired table, and its sampling variance; nan where a risk is 0.

    Arguments as in `matched_risk_difference`; Zou (2007).
    """
    a, b, c, _ = zero_cells.in_table(events_both, events_t_only, events_c_only, events_neither)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(a + b) - np.log(a + c), (b + c) / ((a + b) * (a + c)))


def matched_log_odds_ratio(
    events_both: Floats,
    events_t_only: Floats,
    events_c_only: Floats,
    events_neither: Floats,
    *,
    zero_cells: ZeroCells = AS_COUNTED,
) -> tuple[Floats, Floats]:
    """Log ratio of the marginal odds of a paired table, and its sampling variance; nan where a risk is 0 or 1.

    Arguments as in `matched_risk_difference`; Becker & Balagtas (1993), Biometrics 49, 997-1009.
    """
    a, b, c, d = zero_cells.in_table(events_both, events_t_only, events_c_only, events_neither)
    n = a + b + c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(a + b) - np.log(c + d) - np.log(a + c) + np.log(b + d)
        apart = 1 / (a + b) + 1 / (c + d) + 1 / (a + c) + 1 / (b + d)
        shared = 2 * n * (a * d - b * c) / ((a + b) * (c + d) * (a + c) * (b + d))
        return nan_where_undefined(yi, apart - shared)


def matched_log_odds_ratio_from_margins(
    events_t: Floats, events_c: Floats, n: Floats, r: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Log ratio of the marginal odds, where only the margins of the paired table are printed.

    Parameters
    ----------
    events_t, events_c, n : ndarray, shape (k,)
        Pairs with the event under the one treatment, under the other, and all pairs.
    r : ndarray, shape (k,)
        Correlation (phi) of the two events within pairs: known, or taken from elsewhere and then varied.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log odds ratio and its variance; both nan where the margins do not allow such a correlation.

    References
    ----------
    Elbourne et al. (2002). International Journal of Epidemiology 31, 140-149.
    """
    events_t, events_c, n = (np.asarray(count, dtype=float) for count in (events_t, events_c, n))
    x, without_t, y, without_c = zero_cells.in_table(events_t, n - events_t, events_c, n - events_c)
    with np.errstate(divide="ignore", invalid="ignore"):
        size_t, size_c = x + without_t, y + without_c
        p, q = x / size_t, y / size_c
        both = r * np.sqrt(p * (1 - p) * q * (1 - q)) + p * q
        # No cell of the paired table may be negative; a margin of 1e-9 forgives a rounded correlation at the edge.
        possible = (both >= np.maximum(0.0, p + q - 1) - 1e-9) & (both <= np.minimum(p, q) + 1e-9)
        yi = np.log(x) - np.log(without_t) - np.log(y) + np.log(without_c)
        v_t, v_c = 1 / x + 1 / without_t, 1 / y + 1 / without_c
        return nan_where_undefined(yi, np.where(possible, v_t + v_c - 2 * r * np.sqrt(v_t * v_c), np.nan))


def matched_conditional_log_odds_ratio(
    events_both: Floats,
    events_t_only: Floats,
    events_c_only: Floats,
    events_neither: Floats,
    *,
    zero_cells: ZeroCells = AS_COUNTED,
) -> tuple[Floats, Floats]:
    """Log odds ratio within pairs, from the pairs that disagree, and its sampling variance.

    Arguments as in `matched_risk_difference`; nan where either kind of disagreement did not happen. Curtin, Elbourne &
    Altman (2002), Statist. Med. 21, 2145-2159.
    """
    _, b, c, _ = zero_cells.in_table(events_both, events_t_only, events_c_only, events_neither)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(np.log(b) - np.log(c), 1 / b + 1 / c)


def matched_peto_log_odds_ratio(
    events_both: Floats,
    events_t_only: Floats,
    events_c_only: Floats,
    events_neither: Floats,
    *,
    zero_cells: ZeroCells = AS_COUNTED,
) -> tuple[Floats, Floats]:
    """Log odds ratio within pairs by Peto's one step: half of those who disagree are expected either way.

    Arguments as in `matched_risk_difference`; nan where all pairs agree. Curtin, Elbourne & Altman (2002).
    """
    _, b, c, _ = zero_cells.in_table(events_both, events_t_only, events_c_only, events_neither)
    with np.errstate(divide="ignore", invalid="ignore"):
        return nan_where_undefined(2 * (b - c) / (b + c), 4 / (b + c))


MATCHED_RISK_DIFFERENCE = Measure(
    name="MPRD",
    label="effects.measure.MPRD",
    kind=Kind.MATCHED_COUNTS,
    estimate=matched_risk_difference,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
MATCHED_RISK_RATIO = Measure(
    name="MPRR",
    label="effects.measure.MPRR",
    kind=Kind.MATCHED_COUNTS,
    estimate=matched_log_risk_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
MATCHED_ODDS_RATIO = Measure(
    name="MPOR",
    label="effects.measure.MPOR",
    kind=Kind.MATCHED_COUNTS,
    estimate=matched_log_odds_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
MATCHED_ODDS_RATIO_FROM_MARGINS = Measure(
    name="MPORM",
    label="effects.measure.MPORM",
    kind=Kind.MATCHED_MARGINS,
    estimate=matched_log_odds_ratio_from_margins,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
MATCHED_CONDITIONAL_ODDS_RATIO = Measure(
    name="MPORC",
    label="effects.measure.MPORC",
    kind=Kind.MATCHED_COUNTS,
    estimate=matched_conditional_log_odds_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
MATCHED_PETO_ODDS_RATIO = Measure(
    name="MPPETO",
    label="effects.measure.MPPETO",
    kind=Kind.MATCHED_COUNTS,
    estimate=matched_peto_log_odds_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
    customary_zero_cells=HALF_WHERE_ZERO,
)
