"""What one study's counts say of its effect: a likelihood that is never approximated by a normal.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.counts.log_partition import Hypergeometric

# A likelihood this far (natural log) below its highest value adds nothing to an integral.
NEGLIGIBLE = 32.0
_MANY_COUNTS = 150  # possible counts; beyond, their sums come from a table


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StudyLikelihood:
    """The likelihood of a study's effect theta, a log-concave function on the line.

    Where no event (or nothing but events) was counted it has no peak: towards one side it rises to a plateau.
    """

    log: Callable[[Floats], Floats]  # log probability of what was counted, at theta of shape (q,)
    low: float  # beyond low and high the likelihood is negligible, or on its plateau to the last digit
    high: float
    peak: float  # theta of the highest value; at a plateau's edge where it is half of it
    log_peak: float  # highest value, or the plateau's
    width: float  # 1 / √(curvature of the log at `peak`): the standard error of a study with many events
    plateau: int  # −1 on the left, 1 on the right, 0 none


def hypergeometric_likelihood(events_t: int, n_t: int, events_c: int, n_c: int) -> StudyLikelihood | None:
    """Likelihood of a study's log odds ratio, treated against control, given its total of events.

    Conditioning on the total leaves Fisher's non-central hypergeometric distribution of `events_t`, free of the
    study's own baseline risk.

    Returns
    -------
    StudyLikelihood or None
        None where the total leaves only one outcome possible (no event in either arm, or nothing but events): the
        study says nothing of an odds ratio.

    Raises
    ------
    ValueError
        Where events are not between 0 and their n.

    References
    ----------
    Van Houwelingen, Zwinderman & Stijnen (1993). Statist. Med. 12, 2273-2284; Stijnen, Hamza & Özdemir (2010).
    Statist. Med. 29, 3046-3067, section 2.2.
    """
    for arm, events, n in (("treated", events_t, n_t), ("control", events_c, n_c)):
        _check_counts(f"{arm} arm", events, n)
    total = events_t + events_c
    first, last = max(0, total - n_c), min(n_t, total)
    if first == last:
        return None
    if last - first > _MANY_COUNTS:
        return _from_table(Hypergeometric(*(np.array([float(n)]) for n in (events_t, n_t, events_c, n_c))), total)
    j = np.arange(first, last + 1, dtype=np.float64)
    # Log of C(n_t, j) C(n_c, total − j) by its ratios: log factorials of large totals would lose ten digits.
    ratios = np.log((n_t - j[:-1]) * (total - j[:-1])) - np.log((j[:-1] + 1) * (n_c - total + j[:-1] + 1))
    log_ways = np.concatenate([[0.0], np.cumsum(ratios)])
    log_ways -= log_ways[events_t - first]
    return _with_landmarks(j - events_t, log_ways)


def rate_ratio_likelihood(events_t: int, time_t: float, events_c: int, time_c: float) -> StudyLikelihood | None:
    """Likelihood of a study's log rate ratio, treated against control, given its total of events.

    Given the total, Poisson counts leave a binomial one: each event is a treated one with odds of the rate ratio times
    the ratio of person-times, free of the study's own rate.

    Returns
    -------
    StudyLikelihood or None
        None where there is no event in either arm: the study says nothing of a ratio.

    Raises
    ------
    ValueError
        Where events are negative or not finite, or a person-time is not above 0.

    References
    ----------
    Stijnen, Hamza & Özdemir (2010). Statist. Med. 29, 3046-3067, section 3.2.
    """
    for arm, events, time in (("treated", events_t, time_t), ("control", events_c, time_c)):
        _check_rate(f"{arm} arm", events, time)
    given_total = binomial_likelihood(events_t, events_t + events_c)
    return None if given_total is None else _moved(given_total, math.log(time_c / time_t))


def poisson_likelihood(events: int, time: float) -> StudyLikelihood:
    """Likelihood of the log rate of events in one arm's person-time.

    Raises
    ------
    ValueError
        Where events are negative or not finite, or the person-time is not above 0.
    """
    _check_rate("arm", events, time)
    constant = events * math.log(time) - math.lgamma(events + 1)

    def log(theta: Floats) -> Floats:
        logs: Floats = constant + events * theta - time * np.exp(theta)
        return logs

    def moments(theta: float) -> tuple[float, float]:
        mean = time * math.exp(theta)
        return mean - events, mean

    return _landmarks(log, moments, plateau=-1 if events == 0 else 0, start=math.log((events + 0.5) / time))


def _moved(likelihood: StudyLikelihood, by: float) -> StudyLikelihood:
    """The same likelihood of a parameter that is larger by a known number."""
    return replace(
        likelihood,
        log=lambda theta: likelihood.log(theta - by),
        low=likelihood.low + by,
        high=likelihood.high + by,
        peak=likelihood.peak + by,
    )


def binomial_likelihood(events: int, n: int) -> StudyLikelihood | None:
    """Likelihood of the log odds of an event in one arm; None where nobody was observed.

    Raises
    ------
    ValueError
        Where events are not between 0 and n.
    """
    _check_counts("arm", events, n)
    if n == 0:
        return None
    log_ways = math.lgamma(n + 1) - math.lgamma(events + 1) - math.lgamma(n - events + 1)

    def log(theta: Floats) -> Floats:
        # log(1 + e^theta) without overflow, and without cancellation where nearly all had the event
        logs: Floats = log_ways - (n - events) * np.logaddexp(0.0, theta) - events * np.logaddexp(0.0, -theta)
        return logs

    def moments(theta: float) -> tuple[float, float]:
        p = 1.0 / (1.0 + math.exp(-theta)) if theta >= 0 else math.exp(theta) / (1.0 + math.exp(theta))
        return n * p - events, n * p * (1 - p)

    return _landmarks(log, moments, plateau=-1 if events == 0 else int(events == n), start=_log_odds(events, n))


def _check_counts(where: str, events: int, n: int) -> None:
    if not (math.isfinite(events) and math.isfinite(n) and 0 <= events <= n):
        raise ValueError(f"{where}: {events} events among {n}; events lie between 0 and n")


def _check_rate(where: str, events: int, time: float) -> None:
    if not (math.isfinite(events) and events >= 0):
        raise ValueError(f"{where}: {events} events; a count is 0 or more")
    if not (math.isfinite(time) and time > 0):
        raise ValueError(f"{where}: person-time {time}; it is finite and above 0")


def _log_odds(events: int, n: int) -> float:
    """A place to start looking from."""
    return math.log((events + 0.5) / (n - events + 0.5))


def _from_table(table: Hypergeometric, total: float) -> StudyLikelihood:
    """Likelihood of a large study: its sums over counts are made once, not at every theta."""

    def log(theta: Floats) -> Floats:
        logs: Floats = -table.value(theta[None, :])[0]
        return logs

    def moments(theta: float) -> tuple[float, float]:
        mean, variance = table.moments(np.array([[theta]]))
        return float(mean[0, 0]), float(variance[0, 0])

    a, n1, c, n2 = (float(n[0]) for n in (table.events_t, table.n_t, table.events_c, table.n_c))
    plateau = -1 if a == max(0.0, total - n2) else int(a == min(n1, total))
    start = math.log((a + 0.5) * (n2 - c + 0.5)) - math.log((n1 - a + 0.5) * (c + 0.5))
    return _landmarks(log, moments, plateau=plateau, start=start)


def _with_landmarks(away: Floats, log_ways: Floats) -> StudyLikelihood:
    """Likelihood exp(0) / Σ exp(log_ways + away · theta); `away` is each possible count less the one observed."""

    def exponents(theta: Floats, window: slice) -> Floats:
        return log_ways[window] + theta[:, None] * away[window]

    def window_for(low: float, high: float) -> slice:
        """The counts that matter for theta between low and high; their number grows with the root of the total."""
        matter = np.zeros(away.size, dtype=bool)
        for theta in (low, high):
            row = exponents(np.array([theta]), slice(None))[0]
            matter |= row > row.max() - 1.2 * NEGLIGIBLE
        places = np.flatnonzero(matter)
        return slice(int(places[0]), int(places[-1]) + 1)

    def log_in(window: slice) -> Callable[[Floats], Floats]:
        def log(theta: Floats) -> Floats:
            rows = exponents(theta, window)
            highest = rows.max(axis=1)
            sums: Floats = -(highest + np.log(np.exp(rows - highest[:, None]).sum(axis=1)))
            return sums

        return log

    def moments(theta: float) -> tuple[float, float]:
        row = exponents(np.array([theta]), slice(None))[0]
        p = np.exp(row - row.max())
        p /= p.sum()
        mean = float(p @ away)
        return mean, float(p @ (away - mean) ** 2)

    plateau = -1 if away[0] == 0 else int(away[-1] == 0)
    # Where the observed count is as likely as its neighbours.
    here = int(-away[0])
    steps = [log_ways[here] - log_ways[here + 1]] if here + 1 < away.size else []
    steps += [log_ways[here - 1] - log_ways[here]] if here > 0 else []
    rough = _landmarks(log_in(slice(None)), moments, plateau=plateau, start=float(np.mean(steps)))
    return StudyLikelihood(
        log=log_in(window_for(rough.low, rough.high)),
        low=rough.low,
        high=rough.high,
        peak=rough.peak,
        log_peak=rough.log_peak,
        width=rough.width,
        plateau=plateau,
    )


def _landmarks(
    log: Callable[[Floats], Floats],
    moments: Callable[[float], tuple[float, float]],
    *,
    plateau: int,
    start: float,
) -> StudyLikelihood:
    """Find peak, ends and width; `moments` gives the count's mean less the observed one, and its variance."""

    def log_at(theta: float) -> float:
        return float(log(np.array([theta]))[0])

    if plateau:
        # exp(log) rises to 1 on the plateau: half of it, then the ends.
        peak = _crossing(lambda x: log_at(x) + math.log(2), start, -plateau)
        ends = {
            plateau: _crossing(lambda x: -log_at(x) - 1e-13, peak, plateau),
            -plateau: _crossing(lambda x: log_at(x) + NEGLIGIBLE, peak, -plateau),
        }
        log_peak = 0.0
    else:
        peak = _crossing(lambda x: -moments(x)[0], start, 1)
        log_peak = log_at(peak)
        ends = {side: _crossing(lambda x: log_at(x) - log_peak + NEGLIGIBLE, peak, side) for side in (-1, 1)}
    width = 1.0 / math.sqrt(moments(peak)[1])
    return StudyLikelihood(
        log=log, low=ends[-1], high=ends[1], peak=peak, log_peak=log_peak, width=width, plateau=plateau
    )


def _crossing(function: Callable[[float], float], start: float, side: int) -> float:
    """Where `function`, falling towards `side`, goes through 0."""
    from scipy.optimize import brentq

    near = far = start
    step = 0.125
    while function(near) < 0:
        near, step = near - side * step, 2 * step
    step = 0.125
    while function(far) > 0:
        far, step = far + side * step, 2 * step
    return near if near == far else float(brentq(function, near, far, xtol=1e-6, rtol=1e-6))
