"""Effects that depend on each other: several levels, several outcomes, several times, in one model.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

y ~ N(Xβ, V + Σ_t Z_t G_t Z_t'), with a term t for each kind of random effect.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.containment import degrees_of_freedom
from evenhand.synthesis.dependent.covariance_tables import ByLag, ByLevel, parameters_of_covariance
from evenhand.synthesis.dependent.covariance_terms import Term, terms_of
from evenhand.synthesis.dependent.grouped_rows import Flags
from evenhand.synthesis.dependent.identifiability import told_apart
from evenhand.synthesis.dependent.likelihood_search import Domain, Objective, Peak, climb
from evenhand.synthesis.dependent.marginal_likelihood import (
    DenseBlocks,
    GivenCovariance,
    Likelihood,
    Problem,
    not_a_covariance,
)
from evenhand.synthesis.dependent.nested_likelihood import NestedIntercepts, is_nested
from evenhand.synthesis.dependent.random_effects import RandomEffects, as_random_effects
from evenhand.synthesis.dependent.sampling_covariance import InBlocks, SamplingCovariance, as_sampling_covariance
from evenhand.synthesis.dependent.starting_values import across_from, movable, parameter_scale, starts
from evenhand.synthesis.dependent.variance_shares import VarianceShare, variance_shares
from evenhand.synthesis.normal_kernel import checked_design, checked_effects
from evenhand.synthesis.notebook_tables import coefficient_frame, coefficient_html
from evenhand.synthesis.pooled import FitStatistics
from evenhand.synthesis.wald import check_level, chi_square_tail, quantile, wald

if TYPE_CHECKING:
    from pandas import DataFrame


METHODS = ("REML", "ML")
MULTILEVEL_TESTS = ("z", "t")
DEGREES_OF_FREEDOM = ("residual", "contain")
_FEW = 300  # effects, of which a likelihood with several peaks is no surprise
_VERY_FEW = 3  # parameters, for which every starting point is tried
_MOST_ROUNDS = 4  # of looking across from the highest peak known


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One variance or correlation of the random effects."""

    term: str  # 'district/school', 'outcome | trial'
    kind: str  # 'sigma2', 'tau2', 'rho'
    level: str  # of the inner factor; '' where there is one for all
    value: float  # nan where the data do not say
    fixed: bool
    estimable: bool  # False: no effects in the data depend on it alone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """What the search ended with, for whatever is worked out from a fit afterwards."""

    problem: Problem  # X orthonormal, least-squares fit taken out of yi
    likelihood: Likelihood
    x: Floats  # parameters of the terms, one after the other
    domain: Domain
    X: Floats  # (k, p), as given
    yi: Floats
    to_given: Floats  # (p, p): coefficients of the orthonormal columns to those of the given ones
    offset: Floats  # (p,): coefficients of the least-squares fit that was taken out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MultilevelFit:
    """Coefficients and variance components of k dependent effects."""

    method: str  # 'REML', 'ML'
    test: str  # 'z', 't'
    level: float  # of the intervals
    k: int
    p: int
    names: tuple[str, ...]
    beta: Floats  # (p,), analysis scale
    covariance: Floats  # (p, p)
    se: Floats  # (p,)
    statistic: Floats  # (p,)
    p_value: Floats  # (p,)
    df: tuple[int, ...] | None  # one a coefficient; None for 'z'
    ci_lower: Floats  # (p,)
    ci_upper: Floats  # (p,)
    tested: tuple[int, ...]  # coefficients of the omnibus test: all but the intercept, if there are others
    qm: float  # χ² of m, or F of m and df, coefficients all being 0
    qm_df: tuple[int, int | None]
    qm_p_value: float
    qe: float  # squared residuals about the common-effect fit, weighted by V⁻¹; nan where V has no inverse
    qe_df: int
    qe_p_value: float
    fit: FitStatistics
    components: tuple[Component, ...]
    shares: tuple[VarianceShare, ...]  # I² of each component
    converged: bool
    solution: Solution = field(repr=False)

    def to_frame(self) -> "DataFrame":
        """One row a coefficient."""
        return coefficient_frame(self, self.names)

    def _repr_html_(self) -> str:
        """The coefficients as a small table, for a notebook."""
        return coefficient_html(self, self.names)

    @property
    def sigma2(self) -> tuple[float, ...]:
        """Variances of the random intercepts."""
        return tuple(component.value for component in self.components if component.kind == "sigma2")

    @property
    def tau2(self) -> tuple[float, ...]:
        """Variances of the inner factors' levels, or of the random slopes."""
        return tuple(component.value for component in self.components if component.kind == "tau2")

    @property
    def rho(self) -> tuple[float, ...]:
        """Correlations of the inner factors' levels."""
        return tuple(component.value for component in self.components if component.kind == "rho")

    @property
    def residuals(self) -> Floats:
        """yi less the fitted values, shape (k,)."""
        return self.solution.yi - self.solution.X @ self.beta

    def covariance_of_levels(self, term: int = 0) -> Floats:
        """G of a term with an inner factor: covariance of its levels, shape (levels, levels)."""
        return covariance_of_levels(self.solution, term)

    def linear(self, contrast: Sequence[float] | Floats) -> tuple[float, float]:
        """Estimate and standard error of a sum of coefficients."""
        c = np.asarray(contrast, dtype=np.float64)
        if c.shape != (self.p,):
            raise ValueError(f"a contrast of {c.size} numbers for {self.p} coefficients")
        return float(c @ self.beta), math.sqrt(max(0.0, float(c @ self.covariance @ c)))


def multilevel(
    yi: Sequence[float] | Floats,
    V: Sequence[Any] | Floats | InBlocks,
    X: Sequence[Sequence[float]] | Floats | None = None,
    *,
    random: RandomEffects | str | Sequence[RandomEffects | str] = (),
    data: Mapping[str, Any] | None = None,
    structure: str | Sequence[str] = "CS",
    method: str = "REML",
    test: str = "z",
    df: str = "residual",
    level: float = 0.95,
    names: Sequence[str] | None = None,
    tested: Sequence[int] | None = None,
) -> MultilevelFit:
    """Fit y ~ N(Xβ, V + covariance of the random effects).

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effects on the analysis scale.
    V : array_like, shape (k,) or (k, k), list of square blocks, or an object with `blocks`
        Sampling variances, or covariance.
    X : array_like, shape (k, p), optional
        Design matrix, with its column of ones if there is to be an intercept. None is the intercept alone.
    random : RandomIntercepts, RelatedIntercepts, Correlated, RandomSlopes, str, or several of these
        A text is `~ 1 | district/school`, `~ outcome | trial` or, with structure GEN, `~ 1 + dose | trial`. By default
        none: generalised least squares with V alone, for effects that share no more than a control arm or people.
    data : mapping, optional
        Columns of shape (k,) by name, for `random`.
    structure : str, or one a text
        Of `~ inner | outer`: one in `STRUCTURES`.
    method : 'REML' or 'ML'
    test, df : str
        'z', or 't' with 'residual' k − p degrees of freedom or those of 'contain': a coefficient whose column does not
        vary within the groups of a random effect gets their number less p.
    level : float
        Of the confidence intervals.
    names : sequence of str, shape (p,), optional
        Of the coefficients.
    tested : sequence of int, optional
        Coefficients of the omnibus test.

    Returns
    -------
    MultilevelFit
        `converged` is False, and the best place found is given, where the search did not end at a peak. A variance at
        the end of its range is exactly 0, a correlation exactly 1 or −1.

    Raises
    ------
    ValueError
        Naming the effect, column or term that cannot be fitted.

    References
    ----------
    Konstantopoulos (2011). Res. Synth. Methods 2, 61-76; Berkey, Hoaglin, Antczak-Bouckoms, Mosteller & Colditz
    (1998). Statist. Med. 17, 2537-2550.
    """
    effects = checked_effects(yi)
    options = (("method", method, METHODS), ("test", test, MULTILEVEL_TESTS), ("df", df, DEGREES_OF_FREEDOM))
    for name, value, known in options:
        if value not in known:
            raise ValueError(f"{name} '{value}': there are {', '.join(known)}")
    check_level(level)
    k = effects.size
    sampling = as_sampling_covariance(V, k)
    checked = checked_design(X, k)
    design = np.ones((k, 1)) if checked is None else checked
    terms = terms_of(as_random_effects(random, structure), {} if data is None else data, k)
    solution, peak = _solve(effects, sampling, design, terms, restricted=method == "REML")
    return _described(solution, peak, method=method, test=test, df=df, level=level, names=names, tested=tested)


def _solve(
    yi: Floats, sampling: SamplingCovariance, X: Floats, terms: tuple[Term, ...], *, restricted: bool
) -> tuple[Solution, Peak]:
    # Columns of length 1 first, so that the triangle's condition is that of directions and not of units.
    lengths = np.sqrt((X**2).sum(axis=0))
    basis, triangle = np.linalg.qr(X / lengths)
    offset = basis.T @ yi
    terms = told_apart(terms, basis)
    problem = Problem(yi=yi - basis @ offset, X=basis, sampling=sampling, terms=terms, restricted=restricted)
    to_given = np.linalg.inv(triangle) / lengths[:, None]
    likelihood: Likelihood = NestedIntercepts(problem) if is_nested(problem) else DenseBlocks(problem)
    domain = _domain(problem)
    peak = search(likelihood, problem, domain)
    x = settled(likelihood, upright(peak.x, terms), domain.free, problem)
    solution = Solution(
        problem=problem, likelihood=likelihood, x=x, domain=domain, X=X, yi=yi, to_given=to_given,
        offset=to_given @ offset,
    )  # fmt: skip
    return solution, peak


def _domain(problem: Problem) -> Domain:
    terms = problem.terms
    free = np.array([p.fixed is None for term in terms for p in term.table.parameters], dtype=bool)
    free &= movable(terms)
    # With one correlation for all levels, a root of a variance below 0 would turn it round for this level alone.
    positive = [
        isinstance(term.table, ByLevel) and term.table.structure in ("HCS", "HAR") and p.transform == "square"
        for term in terms
        for p in term.table.parameters
    ]
    return Domain(free=free, positive=np.array(positive, dtype=bool), scale=parameter_scale(problem))


def upright(x: Floats, terms: tuple[Term, ...]) -> Floats:
    """The same covariances with no root of a variance below 0."""
    x, start = x.copy(), 0
    for term in terms:
        size = len(term.table.parameters)
        part = x[start : start + size]
        if isinstance(term.table, ByLevel) and term.table.structure in ("UN", "GEN"):
            levels = term.table.levels
            x[start : start + size] = parameters_of_covariance(term.table.table(part)[0].reshape(levels, levels))
        else:
            square = [place for place, p in enumerate(term.table.parameters) if p.transform == "square"]
            x[start + np.array(square)] = np.abs(part[square])
        start += size
    return x


def objective_of(likelihood: Likelihood) -> Objective:
    """The likelihood as the search wants it."""

    def objective(x: Floats) -> tuple[float, Floats]:
        found = likelihood.at(x)
        return found.log_likelihood, found.slope

    return objective


def search(likelihood: Likelihood, problem: Problem, domain: Domain) -> Peak:
    """The highest peak reached from the best starting point and the one most unlike it.

    Of few effects a likelihood may have several peaks: from the highest one known, every parameter in turn is taken to
    the other side, until nothing higher is found.
    """
    objective, from_places, few = objective_of(likelihood), starts(problem), problem.yi.size <= _FEW
    if not domain.free.any():
        return climb(objective, from_places[0], domain)
    order = np.argsort([-objective(place)[0] for place in from_places])
    peaks = [climb(objective, from_places[order[0]], domain)]
    away = [float(np.abs((place - peaks[0].x) / domain.scale)[domain.free].max()) for place in from_places]
    others = [from_places[int(np.argmax(away))]] if few or domain.free.sum() > 1 else []
    if few:
        others += [from_places[i] for i in (order[1:] if domain.free.sum() <= _VERY_FEW else order[1:4])]
    _climb_all(objective, others, domain, peaks)
    for _ in range(_MOST_ROUNDS if few else 0):
        best = _highest(peaks)
        _climb_all(objective, across_from(problem, best.x), domain, peaks)
        if _highest(peaks).log_likelihood <= best.log_likelihood + 1e-9:
            break
    return _highest(peaks)


def _climb_all(objective: Objective, from_places: list[Floats], domain: Domain, peaks: list[Peak]) -> None:
    """Add to `peaks` those reached from some places and not yet among them."""
    for place in from_places:
        peak = climb(objective, place, domain, known=peaks)
        if peak not in peaks:
            peaks.append(peak)


def _highest(peaks: list[Peak]) -> Peak:
    """The highest; of two that are equally high, the one that says it is a peak."""
    best = max(peaks, key=lambda peak: (peak.log_likelihood, peak.converged))
    return next((p for p in peaks if p.converged and p.log_likelihood >= best.log_likelihood - 1e-9), best)


def settled(likelihood: Likelihood, x: Floats, free: Flags, problem: Problem) -> Floats:
    """x with variances that are 0, and correlations that are 1, to the last digits made so exactly."""
    height = likelihood.at(x).log_likelihood
    typical = float(np.median(problem.sampling.variances)) + float(problem.yi @ problem.yi) / problem.yi.size
    place = 0
    x = x.copy()
    for term in problem.terms:
        for parameter in term.table.parameters:
            nearest = _end_of_range(parameter.transform, x[place], typical)
            if free[place] and nearest is not None:
                exact = x.copy()
                exact[place] = nearest
                if likelihood.at(exact).log_likelihood >= height - 1e-9:
                    x = exact
            place += 1
    return x


def _end_of_range(transform: str, x: float, typical: float) -> float | None:
    if transform == "square" and x * x < 1e-7 * typical:
        return 0.0
    if transform in ("sine", "angle") and 1.0 - abs(math.sin(x)) < 1e-8:
        return math.copysign(math.pi / 2, math.sin(x))
    return None


def coefficients(solution: Solution, found: GivenCovariance) -> tuple[Floats, Floats]:
    """Coefficients of the columns as given, and their covariance."""
    beta = solution.offset + solution.to_given @ found.beta
    return beta, solution.to_given @ found.covariance @ solution.to_given.T


def _described(
    solution: Solution, peak: Peak, *, method: str, test: str, df: str, level: float,
    names: Sequence[str] | None, tested: Sequence[int] | None,
) -> MultilevelFit:  # fmt: skip
    problem = solution.problem
    k, p = solution.X.shape
    found = solution.likelihood.at(solution.x)
    if not math.isfinite(found.log_likelihood):
        found = not_a_covariance(solution.x.size, p)
    beta, covariance = coefficients(solution, found)
    se = np.sqrt(np.diagonal(covariance))
    groups = [term.group for term in problem.terms]
    dfs = degrees_of_freedom(solution.X, groups, contain=df == "contain") if test == "t" else None
    each = [wald(beta[j : j + 1], se[j : j + 1], None if dfs is None else dfs[j], level) for j in range(p)]
    chosen = _tested(solution.X, tested)
    qm, qm_df, qm_p = omnibus(beta, covariance, chosen, None if dfs is None else min(dfs[j] for j in chosen))
    qe = _residual_heterogeneity(problem)
    components = _components(solution)
    return MultilevelFit(
        method=method,
        test=test,
        level=level,
        k=k,
        p=p,
        names=_names(names, solution.X),
        beta=beta,
        covariance=covariance,
        se=se,
        statistic=np.concatenate([one.statistic for one in each]),
        p_value=np.concatenate([one.p_value for one in each]),
        df=dfs,
        ci_lower=np.concatenate([one.ci_lower for one in each]),
        ci_upper=np.concatenate([one.ci_upper for one in each]),
        tested=chosen,
        qm=qm,
        qm_df=qm_df,
        qm_p_value=qm_p,
        qe=qe,
        qe_df=k - p,
        qe_p_value=chi_square_tail(qe, k - p) if math.isfinite(qe) else math.nan,
        fit=_fit_statistics(problem, found.log_likelihood, components),
        components=components,
        shares=variance_shares(problem, solution.x),
        converged=peak.converged and math.isfinite(found.log_likelihood),
        solution=solution,
    )


def _names(names: Sequence[str] | None, X: Floats) -> tuple[str, ...]:
    if names is None:
        return tuple("intercept" if (column == 1).all() else f"x{j}" for j, column in enumerate(X.T))
    if len(names) != X.shape[1]:
        raise ValueError(f"{len(names)} names for {X.shape[1]} coefficients")
    return tuple(names)


def _tested(X: Floats, tested: Sequence[int] | None) -> tuple[int, ...]:
    p = X.shape[1]
    if tested is not None:
        for j in tested:
            if not 0 <= j < p:
                raise ValueError(f"tested coefficient {j}: there are {p}, counted from 0")
        return tuple(tested)
    others = tuple(j for j in range(p) if not (X[:, j] == 1).all())
    return others or tuple(range(p))


def omnibus(
    beta: Floats, covariance: Floats, tested: tuple[int, ...], df: int | None
) -> tuple[float, tuple[int, int | None], float]:
    """Wald test of several coefficients being 0: χ², or F where there are degrees of freedom; its p-value."""
    from scipy.special import fdtrc

    m = len(tested)
    chosen = list(tested)
    try:
        square = float(beta[chosen] @ np.linalg.solve(covariance[np.ix_(chosen, chosen)], beta[chosen]))
    except np.linalg.LinAlgError:
        return math.nan, (m, df), math.nan
    if not math.isfinite(square):
        return math.nan, (m, df), math.nan
    if df is None:
        return square, (m, None), chi_square_tail(square, m)
    return square / m, (m, df), float(fdtrc(m, df, square / m)) if df > 0 else math.nan


def _residual_heterogeneity(problem: Problem) -> float:
    if not problem.sampling.positive_definite():
        return math.nan
    weights = problem.sampling.inverse()
    weighted = weights.times(np.column_stack([problem.X, problem.yi]))
    p = problem.X.shape[1]
    beta = np.linalg.solve(problem.X.T @ weighted[:, :p], problem.X.T @ weighted[:, p])
    return float((problem.yi - problem.X @ beta) @ (weighted[:, p] - weighted[:, :p] @ beta))


def _components(solution: Solution) -> tuple[Component, ...]:
    found: list[Component] = []
    start = 0
    for number, term in enumerate(solution.problem.terms):
        correlations = _correlations(solution, number)
        for place, parameter in enumerate(term.table.parameters):
            estimable = term.estimable[place]
            if parameter.transform == "angle":
                value = correlations[place - len(term.labels)]
            else:
                value = parameter.value(float(solution.x[start + place]))
            # Of no variance there is no correlation; nor where no two levels are ever seen together.
            if parameter.kind == "rho" and not (estimable and _variances_above_zero(solution, start, term)):
                value = math.nan
            found.append(
                Component(
                    term=term.name,
                    kind=parameter.kind,
                    level="" if parameter.kind == "sigma2" else parameter.name,
                    value=value,
                    fixed=parameter.fixed is not None and estimable,
                    estimable=estimable,
                )
            )
        start += len(term.table.parameters)
    return tuple(found)


def _variances_above_zero(solution: Solution, start: int, term: Term) -> bool:
    """Whether there is any variance for a correlation to be of."""
    variances = [i for i, parameter in enumerate(term.table.parameters) if parameter.transform == "square"]
    return bool((solution.x[start + np.array(variances)] != 0).any())


def _correlations(solution: Solution, number: int) -> list[float]:
    """Below the diagonal of G's correlation matrix, column by column as UN's parameters are named."""
    term = solution.problem.terms[number]
    if not isinstance(term.table, ByLevel) or term.table.structure not in ("UN", "GEN"):
        return []
    part = _part(solution, number)
    correlation = term.table.correlation(part)
    return [float(correlation[a, b]) for a in range(term.table.levels) for b in range(a)]


def _part(solution: Solution, number: int) -> Floats:
    sizes = [len(term.table.parameters) for term in solution.problem.terms]
    start = sum(sizes[:number])
    return solution.x[start : start + sizes[number]]


def covariance_of_levels(solution: Solution, number: int) -> Floats:
    """G of one term, shape (levels, levels)."""
    term = solution.problem.terms[number]
    entries = term.table.table(_part(solution, number))[0]
    if isinstance(term.table, ByLevel):
        return entries.reshape(term.table.levels, term.table.levels)
    if not isinstance(term.table, ByLag) or not term.labels:
        raise ValueError(f"term '{term.name}' has no inner levels, and so no covariance of them")
    lag = term.lags_of_levels()
    found: Floats = entries[np.minimum(np.searchsorted(term.table.lags, lag), entries.size - 1)]
    return found


def _fit_statistics(problem: Problem, log_likelihood: float, components: tuple[Component, ...]) -> FitStatistics:
    k, p = problem.X.shape
    parameters = p + sum(component.estimable and not component.fixed for component in components)
    n = k - p if problem.restricted else k
    n_at_least = max(n, parameters + 2)
    saturated = 0.0
    if not problem.restricted:
        possible = problem.sampling.positive_definite()
        saturated = -0.5 * (k * math.log(2 * math.pi) + problem.sampling.log_determinant()) if possible else math.nan
    return FitStatistics(
        log_likelihood=log_likelihood,
        deviance=2 * (saturated - log_likelihood),
        aic=2 * parameters - 2 * log_likelihood,
        bic=(parameters * math.log(n) if n > 0 else math.nan) - 2 * log_likelihood,
        aicc=2 * parameters * n_at_least / (n_at_least - parameters - 1) - 2 * log_likelihood,
    )


__all__ = [
    "DEGREES_OF_FREEDOM", "METHODS", "MULTILEVEL_TESTS", "Component", "MultilevelFit", "Solution", "coefficients",
    "covariance_of_levels", "multilevel", "objective_of", "omnibus", "quantile", "search", "settled",
]  # fmt: skip
