"""The likelihood of each mixed model of counts, for equal effects, for random ones and with every study on its own.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Parameters come in rows of shape (m, p), so that all points of a difference or of a scan are worked out together. First
stands the mean effect; then, where studies' levels are random, their mean; then the spreads.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.counts.likelihood_peak import climb, differences, highest_of_each
from evenhand.synthesis.counts.log_partition import Binomial, Hypergeometric, Poisson
from evenhand.synthesis.counts.study_integrals import Counts, log_integrals
from evenhand.synthesis.counts.two_effect_integrals import log_double_integrals

_FAR = 60.0  # of a log odds or log rate: beyond it lies no study


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LikelihoodOfCounts:
    """One model of one set of studies."""

    k: int
    numbers: int  # counts, as BIC takes them
    parameters: int  # of equal effects
    start: Floats  # mean effect, and mean level where that is a parameter
    unbounded: int  # ±1 where the likelihood rises for ever towards that side, 0 elsewhere
    all_at_ends: bool  # every study has its smallest or largest possible count, so that tau is not bounded
    two_effects: bool  # effect and level are both random
    levels_are_random: bool
    tau: int  # place of tau among the parameters of random effects
    typical_variance: float  # of a study's own effect; 0 with one study
    equal_effects: Callable[[Floats, int], Floats]  # (m, p), nodes → (m,)
    random_effects: Callable[[Floats, int], Floats]
    saturated: Callable[[int], tuple[float, float]]  # nodes → log likelihood, Wald's Q of one effect
    log_likelihood_of_itself: float  # every count with a rate of its own

    def level_spread(self, at: Floats, random: bool) -> float:
        """Sd of the studies' levels, where random."""
        if not self.levels_are_random:
            return math.nan
        return math.hypot(*at[3:].tolist()) if random else abs(float(at[2]))

    def correlation(self, at: Floats) -> float:
        """Of effect and level; nan where either does not vary."""
        spread = self.level_spread(at, True)
        return float(at[4]) / spread * math.copysign(1.0, float(at[2])) if spread > 0 and at[2] != 0 else math.nan


def one_arm_model(x: Floats, size: Floats, measure: str) -> LikelihoodOfCounts:
    """Events in one arm: logistic ('PLO') or Poisson ('IRLN')."""
    counts = _binomial(x, size) if measure == "PLO" else _poisson(x, size)
    half = np.where((x == 0) | ((x == size) & (measure == "PLO")), 0.5, 0.0)
    vi = 1 / (x + half) + (1 / (size - x + half) if measure == "PLO" else 0.0)
    crude = (x.sum() + 0.5) / (size.sum() - x.sum() + 0.5 if measure == "PLO" else size.sum())
    return _one_count_model(
        counts, np.zeros(x.size), start=math.log(crude), low=x == 0, high=(x == size) & (measure == "PLO"), vi=vi
    )


def conditional_model(arms: tuple[Floats, ...], measure: str, model: str) -> LikelihoodOfCounts:
    """Events among the treated, given those of both arms."""
    a, n1, c, n2 = arms
    total = a + c
    if measure == "IRR" or model == "CM.AL":
        counts, offset = _binomial(a, total), np.log(n1 / n2)
    else:
        counts = Counts(np.zeros(a.size), Hypergeometric(a, n1, c, n2), np.zeros(a.size))
        offset = np.zeros(a.size)
    # Taken as binomial, only an arm without event is at an end.
    low, high = _ends(arms, "IRR" if model == "CM.AL" else measure)
    return _one_count_model(
        counts, offset, start=_crude(arms, measure), low=low, high=high, vi=_own_variances(arms, measure)
    )


def _one_count_model(
    counts: Counts, offset: Floats, *, start: float, low: NDArray[np.bool_], high: NDArray[np.bool_], vi: Floats
) -> LikelihoodOfCounts:
    def equal_effects(at: Floats, nodes: int) -> Floats:
        return _added(counts.log((at[:, :1] + offset)[..., None])[..., 0])

    def random_effects(at: Floats, nodes: int) -> Floats:
        slope = np.broadcast_to(at[:, 1:2], (at.shape[0], offset.size))
        return _added(log_integrals([counts], [at[:, :1] + offset], [slope], nodes))

    own, variances, top = _own_peaks(counts)
    wald = _wald(own - offset, variances)
    return LikelihoodOfCounts(
        k=offset.size,
        numbers=offset.size,
        parameters=1,
        start=np.array([start]),
        unbounded=int(high.all()) - int(low.all()),
        all_at_ends=bool((low | high).all()),
        two_effects=False,
        levels_are_random=False,
        tau=1,
        typical_variance=_typical(vi),
        equal_effects=equal_effects,
        random_effects=random_effects,
        saturated=lambda nodes: (float(top.sum()), wald),
        log_likelihood_of_itself=float(top.sum()),
    )


def fixed_levels_model(arms: tuple[Floats, ...], measure: str, model: str) -> LikelihoodOfCounts:
    """Two arms a study, each study with a level of its own, which is put at its best for every effect and tau."""
    treated, control = _two_counts(arms, measure)
    levels, unit = _rough_levels(arms, measure)
    k = levels.size

    def profiled(effect: Floats, tau: Floats, nodes: int) -> Floats:
        def log_of(level: Floats) -> Floats:
            bases = [level + 0.5 * effect, level - 0.5 * effect]
            spread = np.broadcast_to(0.5 * tau, (*level.shape[:-1], k))
            return log_integrals([treated, control], bases, [spread, -spread], nodes)

        nonlocal levels
        best, value = highest_of_each(log_of, np.broadcast_to(levels, (effect.shape[0], k)), unit=unit, bound=_FAR)
        # Where the next call may begin.
        levels = best[0]
        return _added(value)

    own_t, own_c = _own_peaks(treated), _own_peaks(control)
    low, high = _ends(arms, measure)
    top = float((own_t[2] + own_c[2]).sum())
    wald = _wald(own_t[0] - own_c[0], own_t[1] + own_c[1])
    return LikelihoodOfCounts(
        k=k,
        numbers=2 * k,
        parameters=k + 1,
        start=np.array([_crude(arms, measure)]),
        unbounded=int(high.all()) - int(low.all()),
        all_at_ends=bool((low | high).all()),
        two_effects=False,
        levels_are_random=False,
        tau=1,
        typical_variance=_typical(_own_variances(arms, measure)),
        equal_effects=lambda at, nodes: profiled(at[:, :1], np.zeros((at.shape[0], 1)), nodes),
        random_effects=lambda at, nodes: profiled(at[:, :1], at[:, 1:2], nodes),
        saturated=lambda nodes: (top, wald),
        log_likelihood_of_itself=top,
    )


def random_levels_model(arms: tuple[Floats, ...], measure: str, model: str) -> LikelihoodOfCounts:
    """Two arms a study, studies' levels drawn from a normal distribution."""
    treated, control = _two_counts(arms, measure)
    both = [treated, control]
    levels, _ = _rough_levels(arms, measure)
    k = levels.size

    def with_random_level(effect: Floats, level: Floats, sigma: Floats, nodes: int) -> Floats:
        rows = np.broadcast_shapes(effect.shape, (1, k))
        spread = np.broadcast_to(sigma, rows)
        bases = [np.broadcast_to(level + effect, rows), np.broadcast_to(level, rows)]
        return log_integrals(both, bases, [spread, spread], nodes)

    def equal_effects(at: Floats, nodes: int) -> Floats:
        return _added(with_random_level(at[:, :1], at[:, 1:2] - 0.5 * at[:, :1], at[:, 2:3], nodes))

    def random_effects(at: Floats, nodes: int) -> Floats:
        # The level's spread in two parts, alone and shared with the effect: smooth even where all of it is shared.
        effect, level, tau, alone = (at[:, i : i + 1] for i in range(4))
        shared = at[:, 4:5] if at.shape[1] > 4 else np.zeros_like(tau)
        rows = (at.shape[0], k)
        first = [np.broadcast_to(shared + 0.5 * tau, rows), np.broadcast_to(shared - 0.5 * tau, rows)]
        second = np.broadcast_to(alone, rows)
        bases = [np.broadcast_to(level + 0.5 * effect, rows), np.broadcast_to(level - 0.5 * effect, rows)]
        return _added(log_double_integrals(both, bases, first, [second, second], nodes))

    own_t, own_c = _own_peaks(treated), _own_peaks(control)
    start = np.array([_crude(arms, measure), float(levels.mean())])
    a, n1, c, n2 = arms
    full = measure == "OR"
    at_end = np.where(a == 0, -1.0, np.where((a == n1) & full, 1.0, 0.0))
    upwards = int((c == 0).all() or (full and bool((a == n1).all())))
    downwards = int((a == 0).all() or (full and bool((c == n2).all())))
    return LikelihoodOfCounts(
        k=k,
        numbers=2 * k,
        parameters=3,
        start=start,
        unbounded=upwards - downwards,
        all_at_ends=False,
        two_effects=True,
        levels_are_random=True,
        tau=2,
        typical_variance=_typical(_own_variances(arms, measure)),
        equal_effects=equal_effects,
        random_effects=random_effects,
        saturated=lambda nodes: _saturated_with_random_levels(with_random_level, arms, at_end, levels, nodes),
        log_likelihood_of_itself=float((own_t[2] + own_c[2]).sum()),
    )


def _saturated_with_random_levels(
    of_studies: Callable[[Floats, Floats, Floats, int], Floats],
    arms: tuple[Floats, ...],
    at_end: Floats,
    levels: Floats,
    nodes: int,
) -> tuple[float, float]:
    """Every study with its own effect, levels random: log likelihood, and Wald's Q of one effect in all.

    The random level is that of the control arm, which is what one likelihood compares with another's if the effect is
    the same everywhere; with effects that differ, a level in the middle of the arms would be another model.
    """
    k = levels.size
    effects, unit = np.zeros(k), np.sqrt(1 / (arms[0] + 0.5) + 1 / (arms[2] + 0.5))
    # Where the treated arm lies at an end, so does its effect, and its counts are certain.
    fixed = np.where(at_end == 0, math.nan, _FAR * at_end)

    def log_of_studies(effect: Floats, level: Floats, sigma: Floats, nodes: int) -> Floats:
        return of_studies(np.where(at_end == 0, effect, fixed), level, sigma, nodes)

    def best_effects(at: Floats) -> tuple[Floats, Floats]:
        return highest_of_each(
            lambda effect: log_of_studies(effect, at[:, :1], at[:, 1:2], nodes),
            np.broadcast_to(effects, (at.shape[0], k)),
            unit=unit,
            bound=_FAR,
        )

    def log_likelihood(at: Floats) -> Floats:
        return _added(best_effects(at)[1])

    start = np.array([float(levels.mean()), max(0.1, float(levels.std()))])
    peak = climb(log_likelihood, start)
    if not np.isfinite(peak.value):
        return math.nan, math.nan
    own = best_effects(peak.at[None, :])[0][0]
    if at_end.any() or np.abs(own).max() > 0.5 * _FAR:
        return peak.value, math.nan
    at = np.stack([own, np.full(k, peak.at[0]), np.full(k, peak.at[1])])
    steps = np.broadcast_to(0.02 * unit, at.shape)

    def of_each_study(moved: Floats) -> Floats:
        return log_of_studies(moved[:, 0], moved[:, 1], moved[:, 2], nodes)

    hessian = -differences(of_each_study, at, steps)[2]
    shared = hessian[1:, 1:].sum(axis=2)
    across = hessian[0, 1:]
    try:
        information = np.diag(hessian[0, 0]) - across.T @ np.linalg.solve(shared, across)
    except np.linalg.LinAlgError:
        return peak.value, math.nan
    weighted = information @ own
    return peak.value, float(own @ weighted - weighted.sum() ** 2 / information.sum())


def _added(logs: Floats) -> Floats:
    """Over the studies."""
    total: Floats = logs.sum(axis=1)
    return total


def _binomial(x: Floats, n: Floats) -> Counts:
    return Counts(x, Binomial(n), _log_ways(x, n))


def _poisson(x: Floats, time: Floats) -> Counts:
    from scipy.special import gammaln

    return Counts(x, Poisson(time), x * np.log(time) - gammaln(x + 1))


def _log_ways(x: Floats, n: Floats) -> Floats:
    from scipy.special import betaln

    ways: Floats = -betaln(x + 1, n - x + 1) - np.log1p(n)
    return ways


def _two_counts(arms: tuple[Floats, ...], measure: str) -> tuple[Counts, Counts]:
    a, n1, c, n2 = arms
    build = _binomial if measure == "OR" else _poisson
    return build(a, n1), build(c, n2)


def _rough_levels(arms: tuple[Floats, ...], measure: str) -> tuple[Floats, Floats]:
    """Each study's level by its arms' middle, and about its standard error."""
    a, n1, c, n2 = arms
    if measure == "OR":
        level = 0.5 * (np.log((a + 0.5) / (n1 - a + 0.5)) + np.log((c + 0.5) / (n2 - c + 0.5)))
        both = a + c + 1
        return level, np.sqrt(1 / both + 1 / (n1 + n2 - both + 2))
    return 0.5 * (np.log((a + 0.5) / n1) + np.log((c + 0.5) / n2)), np.sqrt(1 / (a + c + 1))


def _crude(arms: tuple[Floats, ...], measure: str) -> float:
    """Log ratio of the arms added up, a place to start from."""
    a, n1, c, n2 = (float(arm.sum()) for arm in arms)
    if measure == "OR":
        return math.log((a + 0.5) / (n1 - a + 0.5)) - math.log((c + 0.5) / (n2 - c + 0.5))
    return math.log((a + 0.5) / n1) - math.log((c + 0.5) / n2)


def _ends(arms: tuple[Floats, ...], measure: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which studies' own effect is minus, and which plus infinity."""
    a, n1, c, n2 = arms
    full = measure == "OR"
    return (a == 0) | ((c == n2) & full), (c == 0) | ((a == n1) & full)


def _own_variances(arms: tuple[Floats, ...], measure: str) -> Floats:
    """Of each study's log ratio, a half added where a cell is empty; for I² and H² alone."""
    a, n1, c, n2 = arms
    cells = [a, c] + ([n1 - a, n2 - c] if measure == "OR" else [])
    half = np.where(np.any([cell == 0 for cell in cells], axis=0), 0.5, 0.0)
    variances: Floats = np.sum([1 / (cell + half) for cell in cells], axis=0)
    return variances


def _typical(vi: Floats) -> float:
    """Higgins and Thompson's typical variance; 0 with one study."""
    wi = 1 / vi
    return float((vi.size - 1) * wi.sum() / (wi.sum() ** 2 - (wi**2).sum())) if vi.size > 1 else 0.0


def _own_peaks(counts: Counts) -> tuple[Floats, Floats, Floats]:
    """Each study's own η, its variance (infinite at a plateau) and its highest log likelihood."""
    k = counts.x.size
    eta, low, high = np.zeros((k, 1)), np.full((k, 1), -_FAR), np.full((k, 1), _FAR)
    information, before = np.ones((k, 1)), np.full((k, 1), math.inf)
    for _ in range(300):
        slope, information = counts.slopes(eta)
        low, high = np.where(slope > 0, eta, low), np.where(slope < 0, eta, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            move = np.clip(slope / information, -4.0, 4.0)
        settled = (slope == 0) | (np.abs(move) < 1e-14 * (1 + np.abs(eta)))
        good = (eta + move > low) & (eta + move < high) & (np.abs(move) < 0.9 * before)
        following = np.where(settled, eta, np.where(good, eta + move, 0.5 * (low + high)))
        before = np.where(good & (np.abs(move) < 4.0), np.abs(move), math.inf)
        moved = np.abs(following - eta).max()
        eta = following
        if moved < 1e-13 * _FAR:
            break
    slope, information = counts.slopes(eta)
    at_end = np.abs(eta[:, 0]) > 0.5 * _FAR
    with np.errstate(divide="ignore"):
        variance = np.where(at_end, math.inf, 1 / information[:, 0])
    return eta[:, 0], variance, counts.log(eta)[:, 0]


def _wald(own: Floats, variances: Floats) -> float:
    """Σ w (y − mean)²; nan where a study's own estimate is infinite."""
    if not np.isfinite(variances).all():
        return math.nan
    wi = 1 / variances
    mean = float(wi @ own / wi.sum())
    return float(wi @ (own - mean) ** 2)
