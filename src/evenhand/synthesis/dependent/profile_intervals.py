"""Confidence intervals of variances and correlations by profile likelihood.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A value is inside where fixing it, all else at its best, costs less log likelihood than half a χ² quantile. Both ends
are bracketed; an end that the range of the parameter reaches first is that end of the range.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.covariance_tables import ByLevel, parameters_of_covariance
from evenhand.synthesis.dependent.covariance_terms import Term
from evenhand.synthesis.dependent.likelihood_search import Domain, climb
from evenhand.synthesis.dependent.marginal_likelihood import DenseBlocks, Likelihood
from evenhand.synthesis.dependent.multilevel_model import MultilevelFit, Solution, covariance_of_levels, objective_of
from evenhand.synthesis.wald import check_level

_MOST_DOUBLINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileInterval:
    """Interval of one variance component."""

    estimate: float
    ci_lower: float
    ci_upper: float  # inf where the likelihood never falls far enough


def profile_interval(fit: MultilevelFit, component: int, *, level: float | None = None) -> ProfileInterval:
    """Interval of one of `fit.components`.

    Parameters
    ----------
    component : int
        Its place in `fit.components`.
    level : float, optional
        By default that of the fit.

    Returns
    -------
    ProfileInterval
        nan throughout for a component that is fixed or that the data say nothing of.

    Raises
    ------
    ValueError
        Where there is no such component, or the level is none.

    References
    ----------
    Hardy & Thompson (1996). Statist. Med. 15, 619-629; Viechtbauer (2007). Statist. Med. 26, 37-52.
    """
    from scipy.special import chdtri

    level = fit.level if level is None else level
    check_level(level)
    if not 0 <= component < len(fit.components):
        raise ValueError(f"component {component}: there are {len(fit.components)}, counted from 0")
    chosen = fit.components[component]
    if chosen.fixed or not chosen.estimable or not math.isfinite(chosen.value):
        return ProfileInterval(estimate=chosen.value, ci_lower=math.nan, ci_upper=math.nan)
    solution, place = _in_front(fit.solution, component)
    profile = _Profile(solution, place)
    fall = 0.5 * float(chdtri(1, 1.0 - level))
    parameter = [parameter for term in solution.problem.terms for parameter in term.table.parameters][place]
    best = abs(float(solution.x[place])) if parameter.transform == "square" else float(solution.x[place])
    excess = profile.excess(fall)
    if parameter.transform == "square":
        scale = float(solution.domain.scale[place])
        lower = _between(excess, 0.0, best)
        upper = _beyond(excess, best, max(0.25 * best, 0.25 * scale))
        low, high = lower**2, upper**2
    elif parameter.transform == "exp":
        low = math.exp(-_beyond(lambda x: excess(-x), -best, 0.5))
        high = math.exp(_beyond(excess, best, 0.5))
    else:
        # An angle beyond ±π/2 runs through the same correlations again.
        best = math.asin(math.sin(best))
        value = math.sin if parameter.transform == "angle" else parameter.value
        low = value(_between(excess, -0.5 * math.pi, best))
        high = value(_between(excess, 0.5 * math.pi, best))
    return ProfileInterval(estimate=chosen.value, ci_lower=low, ci_upper=high)


class _Profile:
    """The likelihood's highest value with one parameter held."""

    def __init__(self, solution: Solution, place: int) -> None:
        self._objective = objective_of(solution.likelihood)
        self._place = place
        free = solution.domain.free.copy()
        free[place] = False
        parameters = [p for term in solution.problem.terms for p in term.table.parameters]
        self._square = np.array([p.transform == "square" for p in parameters], dtype=bool)
        # With a correlation held, a root of a variance below 0 would be the correlation turned round.
        turns = parameters[place].kind == "rho"
        positive = self._square if turns else solution.domain.positive
        self._domain = Domain(free=free, positive=positive, scale=solution.domain.scale)
        self._last = solution.x
        self._best = solution.x
        self.top = self._objective(solution.x)[0]

    def excess(self, fall: float) -> Callable[[float], float]:
        """How much further than `fall` below the top the profile is."""

        def at(value: float) -> float:
            height = self._height(self._last, value)
            if self.top - height > fall:
                # From where the last one ended or from the peak itself: the higher counts.
                height = max(height, self._height(self._best, value))
            return self.top - height - fall

        return at

    def _height(self, start: Floats, value: float) -> float:
        x = start.copy()
        # A variance at 0 is a place where the slope is 0, from which no climb begins.
        scale = self._domain.scale
        near_zero = self._square & self._domain.free & (np.abs(x) < 0.05 * scale)
        x[near_zero] = 0.1 * scale[near_zero]
        x[self._place] = value
        peak = climb(self._objective, x, self._domain)
        if not math.isfinite(peak.log_likelihood):
            return -1e10
        self._last = peak.x
        return peak.log_likelihood


def _between(excess: Callable[[float], float], end: float, best: float) -> float:
    """Where the excess is 0 between the best value and the end of the range, or that end."""
    from scipy.optimize import brentq

    if abs(end - best) < 1e-12 or excess(end) <= 0:
        return end
    return float(brentq(excess, best, end, xtol=1e-12, rtol=1e-10)) if excess(best) < 0 else best


def _beyond(excess: Callable[[float], float], best: float, step: float) -> float:
    """Where the excess is 0 above the best value; inf where it never is."""
    from scipy.optimize import brentq

    inside, outside = best, best + step
    for _ in range(_MOST_DOUBLINGS):
        if excess(outside) > 0:
            return float(brentq(excess, inside, outside, xtol=1e-12, rtol=1e-10))
        inside, outside, step = outside, outside + step, 2 * step
    return math.inf


def _in_front(solution: Solution, component: int) -> tuple[Solution, int]:
    """The same solution, with a free covariance matrix turned so that the component is one of its parameters."""
    start = 0
    for number, term in enumerate(solution.problem.terms):
        size = len(term.table.parameters)
        if component < start + size:
            if not isinstance(term.table, ByLevel) or term.table.structure not in ("UN", "GEN"):
                return solution, component
            return _turned(solution, number, component - start, start)
        start += size
    raise ValueError(f"component {component} is in no term")


def _turned(solution: Solution, number: int, component: int, start: int) -> tuple[Solution, int]:
    term = solution.problem.terms[number]
    table = term.table
    if not isinstance(table, ByLevel):
        raise TypeError("only a table by level has levels to turn")
    size = table.levels
    pairs = [(b, a) for a in range(size) for b in range(a)]
    front = (component,) if component < size else pairs[component - size]
    order = np.array([*front, *(a for a in range(size) if a not in front)])
    turned = _with_levels_in(term, table, order)
    problem = replace(
        solution.problem,
        terms=tuple(turned if place == number else other for place, other in enumerate(solution.problem.terms)),
    )
    x = solution.x.copy()
    G = covariance_of_levels(solution, number)[np.ix_(order, order)]
    x[start : start + len(table.parameters)] = parameters_of_covariance(G)
    likelihood: Likelihood = DenseBlocks(problem)
    scale = solution.domain.scale.copy()
    scale[start : start + size] = scale[start : start + size][order]
    domain = replace(solution.domain, scale=scale)
    found = replace(solution, problem=problem, likelihood=likelihood, x=x, domain=domain)
    return found, start if component < size else start + size


def _with_levels_in(term: Term, table: ByLevel, order: np.ndarray) -> Term:
    new_place = np.empty(order.size, dtype=np.intp)
    new_place[order] = np.arange(order.size)
    labels = term.labels
    return replace(
        term,
        table=ByLevel(table.structure, table.levels, table.parameters),
        level=new_place[term.level] if term.slopes is None else term.level,
        labels_of=lambda: tuple(labels[a] for a in order),
        slopes=None if term.slopes is None else term.slopes[:, order],
    )
