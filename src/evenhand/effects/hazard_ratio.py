"""Hazard ratio of two arms, as papers print it or as a log-rank test implies it.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.peto_odds_ratio import log_ratio_from_excess
from evenhand.effects.printed_figures import of_printed_figures
from evenhand.effects.recovered_ratio import log_ratio_from_ci


def log_hazard_ratio(
    ratio: Floats, ci_lower: Floats, ci_upper: Floats, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Log hazard ratio, treated against control, and its sampling variance, from the printed ratio and interval.

    No counts give it: it rests on when each event happened, which only its authors know.

    Parameters
    ----------
    ratio, ci_lower, ci_upper : ndarray, shape (k,)
        Hazard ratio and the limits of its interval, above 0; one entry a study.
    level : float
        Confidence level of the interval.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Natural-log hazard ratio, unitless, and its variance; nan where a figure is not above zero.

    References
    ----------
    Parmar, Torri & Stewart (1998). Statist. Med. 17, 2815-2834. Tierney et al. (2007). Trials 8, 16.
    """
    return log_ratio_from_ci(ratio, ci_lower, ci_upper, level)


@of_printed_figures
def log_hazard_ratio_from_logrank(observed_minus_expected: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Log hazard ratio (O - E) / V and its sampling variance 1 / V, from a log-rank test; both shape (k,).

    `observed_minus_expected` are the treated arm's events beyond those expected, `variance` is their variance. nan
    where the variance is 0. Parmar, Torri & Stewart (1998).
    """
    return log_ratio_from_excess(observed_minus_expected, variance)


@of_printed_figures
def log_hazard_ratio_from_logrank_p(
    p_value: Floats, events_t: Floats, events_c: Floats, *, allocation: float = 1.0
) -> tuple[Floats, Floats]:
    """Log hazard ratio and its sampling variance from the p of the log-rank test and the events; both shape (k,).

    Parameters
    ----------
    p_value : ndarray, shape (k,)
        Two-sided and exact, with the sign of the log hazard ratio: negative where the treated arm does better.
    events_t, events_c : ndarray, shape (k,)
        Events in each arm.
    allocation : float
        Treated people to one control, as randomised.

    References
    ----------
    Parmar, Torri & Stewart (1998); Tierney et al. (2007): V = events · R / (R + 1)², and O - E = z √V.
    """
    from scipy.special import ndtri

    p_value = np.asarray(p_value, dtype=float)
    variance = np.add(events_t, events_c) * allocation / (1 + allocation) ** 2
    z = -np.sign(p_value) * ndtri(np.abs(p_value) / 2)
    return log_hazard_ratio_from_logrank(z * np.sqrt(variance), variance)


HAZARD_RATIO = Measure(
    name="HR",
    label="effects.measure.HR",
    kind=Kind.PRINTED_RATIO,
    estimate=log_hazard_ratio,
    to_display=np.exp,
    from_display=np.log,
    null=0.0,
)
