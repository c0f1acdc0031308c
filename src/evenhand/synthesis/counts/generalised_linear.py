"""Generalised linear mixed models of counts: the exact likelihood in place of a normal for each study's effect.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.synthesis.counts.checked_counts import (
    checked_arm,
    checked_arms,
    checked_level,
    checked_rate,
    checked_rates,
)
from evenhand.synthesis.counts.common_effect import ChiSquareTest, chi_square_test
from evenhand.synthesis.counts.likelihood_peak import Peak, climb, highest_of_each
from evenhand.synthesis.counts.mixed_fit import MixedFit
from evenhand.synthesis.counts.model_likelihoods import (
    LikelihoodOfCounts,
    conditional_model,
    fixed_levels_model,
    one_arm_model,
    random_levels_model,
)
from evenhand.synthesis.pooled import FitStatistics

MODELS = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")
_TAUS = np.array([0.0, 0.05, 0.15, 0.3, 0.5, 0.8, 1.2, 1.8, 2.7, 4.0, 6.0, 9.0])
_LARGEST_TAU = 150.0  # of a log odds or log rate
_ZERO_TAU = 2e-5
_TRAPEZES = 40  # of the first round; doubled until the likelihood stays
_MOST_TRAPEZES = 2560
_FIRST_HERMITE, _MOST_HERMITE = 7, 63
_STAYS = 1e-9


def mixed_model(
    events_t: ArrayLike,
    n_t: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    measure: str = "OR",
    model: str = "CM.EL",
    method: str = "ML",
    test: str = "z",
    correlated: bool = False,
    nodes: int | None = None,
    level: float = 0.95,
) -> MixedFit:
    """Pool two arms' counts by a generalised linear mixed model.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        Events, and people (measure 'OR') or person-time ('IRR'), treated and control; one entry a study.
    measure : str
        'OR', a logistic model, or 'IRR', a Poisson model.
    model : str
        'UM.FS' studies have fixed levels of their own, 'UM.RS' random ones; 'CM.EL' conditions on each study's total of
        events: Fisher's non-central hypergeometric distribution for odds, the binomial for rates; 'CM.AL' the
        hypergeometric taken as binomial, for rare events (odds only).
    method : str
        'EE' equal effects, or 'ML' with a variance between studies.
    test : str
        'z', or 't' with k − 1 degrees of freedom.
    correlated : bool
        Whether effect and level may be correlated ('UM.RS' by 'ML' only).
    nodes : int, optional
        Of adaptive Gauss–Hermite quadrature: 1 is Laplace's approximation, 7 what several programs take. By default
        the integrals are refined until the likelihood changes no more.
    level : float
        Of the intervals.

    Returns
    -------
    MixedFit
        Effects are coded ±½ about a study's level (so the random effect falls on both arms alike). A study in which no
        one, or everyone, has the event says nothing and is left out. Where the counts do not bound the effect, or the
        variance, `converged` is False and `reason` says why.

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or an option there is not.

    References
    ----------
    Stijnen, Hamza & Özdemir (2010). Statist. Med. 29, 3046-3067; Jackson, Law, Stijnen, Viechtbauer & White (2018).
    Statist. Med. 37, 1059-1085, whose models 2, 4, 5, 6 and 7 these are; van Houwelingen, Zwinderman & Stijnen (1993).
    Statist. Med. 12, 2273-2284.
    """
    if measure not in ("OR", "IRR"):
        raise ValueError(f"measure '{measure}': there are OR, IRR (and PLO, IRLN in mixed_model_of_one_arm)")
    models = MODELS if measure == "OR" else MODELS[:3]
    if model not in models:
        raise ValueError(f"model '{model}': for {measure} there are {', '.join(models)}")
    if correlated and (model, method) != ("UM.RS", "ML"):
        raise ValueError(
            "correlated=True needs model 'UM.RS' and method 'ML': elsewhere there is no second random effect"
        )
    _check_options(method, test, nodes, level)
    check = checked_arms if measure == "OR" else checked_rates
    arms = check(events_t, n_t, events_c, n_c)
    a, n1, c, n2 = arms
    telling = (a + c > 0) & ((measure == "IRR") | ((a + c < n1 + n2) & (n1 > 0) & (n2 > 0)))
    kept = tuple(arm[telling] for arm in arms)
    names = _Names(measure=measure, model=model, method=method, test=test, k_given=a.size, level=level)
    if not telling.any():
        return _nothing(names, math.nan, 0, "no study tells the arms apart: nobody, or everybody, has the event")
    build = {
        "UM.FS": fixed_levels_model,
        "UM.RS": random_levels_model,
        "CM.EL": conditional_model,
        "CM.AL": conditional_model,
    }[model]
    return _fit(build(kept, measure, model), names, nodes, correlated)


def mixed_model_of_one_arm(
    events: ArrayLike,
    n: ArrayLike,
    *,
    measure: str = "PLO",
    method: str = "ML",
    test: str = "z",
    nodes: int | None = None,
    level: float = 0.95,
) -> MixedFit:
    """Pool one arm's counts: a logistic or Poisson model with a random intercept.

    Parameters
    ----------
    events, n : array_like, shape (k,)
        Events, and people (measure 'PLO') or person-time ('IRLN'); one entry a study.
    measure : str
        'PLO' log odds, or 'IRLN' log rate.
    method, test, nodes, level
        As in `mixed_model`.

    Raises
    ------
    ValueError
        Naming study and value that cannot be, or an option there is not.

    References
    ----------
    Hamza, van Houwelingen & Stijnen (2008). J. Clin. Epidemiol. 61, 41-51; Stijnen, Hamza & Özdemir (2010). Statist.
    Med. 29, 3046-3067, section 3.
    """
    if measure not in ("PLO", "IRLN"):
        raise ValueError(f"measure '{measure}': there are PLO, IRLN (and OR, IRR in mixed_model)")
    _check_options(method, test, nodes, level)
    x, size = checked_arm(events, n) if measure == "PLO" else checked_rate(events, n)
    telling = size > 0
    names = _Names(measure=measure, model="one arm", method=method, test=test, k_given=x.size, level=level)
    if not telling.any():
        return _nothing(names, math.nan, 0, "nobody was observed")
    return _fit(one_arm_model(x[telling], size[telling], measure), names, nodes, correlated=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    measure: str
    model: str
    method: str
    test: str
    k_given: int
    level: float


def _check_options(method: str, test: str, nodes: int | None, level: float) -> None:
    if method not in ("EE", "ML"):
        raise ValueError(f"method '{method}': there are EE, ML")
    if test not in ("z", "t"):
        raise ValueError(f"test '{test}': there are z, t")
    if nodes is not None and (nodes != int(nodes) or nodes < 1):
        raise ValueError(f"nodes = {nodes}: a whole number, 1 or more, or None for integrals without error")
    checked_level(level)


def _fit(model: LikelihoodOfCounts, names: _Names, nodes: int | None, correlated: bool) -> MixedFit:
    """Equal effects, every study on its own, and where asked for the variance between them."""
    if model.unbounded:
        return _nothing(names, model.unbounded * math.inf, model.k, "the counts of all studies lie at the same end")
    equal, _ = _refined(lambda q: _equal_effects(model, q), nodes, _at(model.equal_effects))
    saturated, wald = model.saturated(nodes if nodes is not None else -4 * _TRAPEZES)
    reason = None if equal.converged else "the likelihood of equal effects has no clear peak"
    peak, error = equal, 0.0
    if names.method == "ML" and model.k > 1 and model.all_at_ends and nodes is None:
        # Further apart is always better: what is reached in the limit are the odds of lying on either side.
        reason = "every study's count lies at one end or the other: the likelihood rises for ever with tau"
        nothing = _nothing(names, math.nan, model.k, reason)
        ratio = max(0.0, 2 * (saturated - equal.value))
        return replace(nothing, tau2=math.inf, likelihood_ratio=_heterogeneity(ratio, model.k), i2=100.0, h2=math.inf)
    if names.method == "ML" and model.k > 1:
        if model.two_effects:
            peak, error = _two_random_effects(model, equal, nodes, correlated)
        else:
            peak, error = _refined(lambda q: _one_random_effect(model, equal, q), nodes, _at(model.random_effects))
        if not peak.converged:
            reason = "the likelihood has no clear peak"
        if abs(peak.at[model.tau]) >= _LARGEST_TAU:
            reason = f"the likelihood rises as far as tau was looked for, {_LARGEST_TAU:g}"
        # A variance at its boundary: the model with equal effects is the better one.
        if peak.value < equal.value and not model.two_effects:
            peak = _with_tau_0(model, equal, peak)
    elif model.levels_are_random:
        _, error = _refined(lambda q: equal, nodes, _at(model.equal_effects))
    return _record(model, names, equal, peak, saturated, wald, error, reason, correlated)


def _at(log_likelihood: Callable[[Floats, int], Floats]) -> Callable[[Floats, int], float]:
    return lambda at, nodes: float(log_likelihood(at[None, :], nodes)[0])


def _refined(
    solve: Callable[[int], Peak], nodes: int | None, value: Callable[[Floats, int], float]
) -> tuple[Peak, float]:
    """The peak with integrals as fine as they need be, and what finer ones would still change."""
    if nodes is not None:
        peak = solve(nodes)
        return peak, abs(value(peak.at, -_MOST_TRAPEZES // 4) - peak.value)
    trapezes = _TRAPEZES
    while True:
        peak = solve(-trapezes)
        error = abs(value(peak.at, -2 * trapezes) - peak.value)
        if error < _STAYS or trapezes >= _MOST_TRAPEZES or not math.isfinite(error):
            return peak, error
        trapezes *= 2


def _equal_effects(model: LikelihoodOfCounts, nodes: int) -> Peak:
    """One effect; the level's spread, where random, from several starts."""
    if not model.levels_are_random:
        return climb(lambda at: model.equal_effects(at, nodes), model.start[:1])
    return _highest(
        [climb(lambda at: model.equal_effects(at, nodes), np.array([*model.start, s])) for s in (0.1, 0.7, 2.0)]
    )


def _one_random_effect(model: LikelihoodOfCounts, equal: Peak, nodes: int) -> Peak:
    """Mean and tau, from the highest places of a scan of tau, the mean at its best for each."""

    def log_likelihood(at: Floats) -> Floats:
        return model.random_effects(at, nodes)

    taus = _TAUS
    while True:

        def for_each_tau(mean: Floats, taus: Floats = taus) -> Floats:
            rows = np.stack([mean, np.broadcast_to(taus, mean.shape)], axis=-1)
            return log_likelihood(rows.reshape(-1, 2)).reshape(mean.shape)

        unit = np.sqrt(1.0 / max(float(equal.information[0, 0]), 1e-8) + taus**2 / model.k)
        means, values = highest_of_each(
            for_each_tau, np.full(taus.size, equal.at[0]), unit=unit, bound=60.0 + abs(float(equal.at[0]))
        )
        if np.argmax(values) < taus.size - 1 or taus[-1] > _LARGEST_TAU:
            break
        taus = np.concatenate([taus, taus[-1] * np.array([1.5, 2.2, 3.3])])
    if np.argmax(values) == taus.size - 1:
        information = np.full((2, 2), math.nan)
        return Peak(
            at=np.array([means[-1], taus[-1]]), value=float(values[-1]), information=information, converged=False
        )
    padded = np.concatenate([[-math.inf], values, [-math.inf]])
    tops = np.flatnonzero((padded[1:-1] >= padded[:-2]) & (padded[1:-1] >= padded[2:]))
    # From beside 0, as the likelihood is even in tau and flat at 0 whether or not that is its peak.
    starts = [np.array([means[i], max(taus[i], 0.02)]) for i in tops]
    return _highest([climb(log_likelihood, start, scale=np.array([unit[0], 0.1])) for start in starts])


def _two_random_effects(
    model: LikelihoodOfCounts, equal: Peak, nodes: int | None, correlated: bool
) -> tuple[Peak, float]:
    """Mean, level, both spreads, and their correlation; several starts by Laplace's approximation, then refined."""

    def with_nodes(q: int) -> Callable[[Floats], Floats]:
        return lambda at: model.random_effects(at, q)

    extra = [0.05] if correlated else []
    starts = [
        np.array([*equal.at[:2], tau, max(abs(float(equal.at[2])), 0.05), *extra]) for tau in (0.05, 0.3, 0.9, 2.5)
    ]
    peak = _highest([climb(with_nodes(1), start) for start in starts])
    if nodes is not None:
        peak = climb(with_nodes(nodes), peak.at) if nodes > 1 else peak
        return peak, abs(float(with_nodes(_MOST_HERMITE)(peak.at[None, :])[0]) - peak.value)
    q = _FIRST_HERMITE
    while True:
        peak = climb(with_nodes(q), peak.at)
        finer = min(2 * q + 1, _MOST_HERMITE)
        error = abs(float(with_nodes(finer)(peak.at[None, :])[0]) - peak.value)
        if error < _STAYS or finer == q or not math.isfinite(error):
            return peak, error
        q = finer


def _highest(peaks: list[Peak]) -> Peak:
    return max(peaks, key=lambda peak: peak.value if math.isfinite(peak.value) else -math.inf)


def _with_tau_0(model: LikelihoodOfCounts, equal: Peak, peak: Peak) -> Peak:
    information = peak.information.copy()
    information[0, 0] = equal.information[0, 0]
    information[0, 1] = information[1, 0] = 0.0
    at = np.array([equal.at[0], 0.0])
    return Peak(at=at, value=equal.value, information=information, converged=equal.converged)


def _record(
    model: LikelihoodOfCounts,
    names: _Names,
    equal: Peak,
    peak: Peak,
    saturated: float,
    wald: float,
    error: float,
    reason: str | None,
    correlated: bool,
) -> MixedFit:
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    k, random = model.k, peak is not equal
    tau = abs(float(peak.at[model.tau])) if random else 0.0
    tau = tau if tau > _ZERO_TAU else 0.0
    sigma = model.level_spread(peak.at, random)
    sigma = 0.0 if sigma <= _ZERO_TAU else sigma
    spreads = ([model.tau] if random else []) + ([3 if random else 2] if model.levels_are_random else [])
    covariance = _covariance(peak, zero=[i for i in spreads if abs(float(peak.at[i])) <= _ZERO_TAU])
    se = math.sqrt(covariance[0, 0]) if covariance[0, 0] > 0 else math.nan
    of_tau = covariance[model.tau, model.tau] if random and tau > 0 else math.nan
    se_tau2 = 2 * tau * math.sqrt(of_tau) if of_tau > 0 else math.nan
    estimate = float(peak.at[0])
    df = None if names.test == "z" or k == 1 else k - 1
    tail = 0.5 * (1 - names.level)
    half = -float(ndtri(tail) if df is None else stdtrit(df, tail))
    statistic = estimate / se if se > 0 else math.nan
    distance = -abs(statistic)
    new = math.sqrt(se**2 + tau**2)
    typical = model.typical_variance
    free = model.parameters + (random or names.method == "ML") + (correlated and random)
    ratio = max(0.0, 2 * (saturated - equal.value)) if math.isfinite(saturated) else math.nan
    return MixedFit(
        measure=names.measure,
        model=names.model,
        method=names.method,
        test="z" if df is None else "t",
        estimate=estimate,
        se=se,
        statistic=statistic,
        df=df,
        p_value=2 * float(ndtr(distance) if df is None else stdtr(df, distance)),
        ci_lower=estimate - half * se,
        ci_upper=estimate + half * se,
        pi_lower=estimate - half * new,
        pi_upper=estimate + half * new,
        tau2=tau**2,
        se_tau2=se_tau2,
        sigma2=sigma**2,
        correlation=model.correlation(peak.at) if correlated and random else math.nan,
        i2=100 * tau**2 / (typical + tau**2) if typical > 0 else 0.0,
        h2=tau**2 / typical + 1 if typical > 0 else 1.0,
        wald=_heterogeneity(wald, k),
        likelihood_ratio=_heterogeneity(ratio, k),
        fit=_fit_statistics(peak.value, model, free),
        k=k,
        k_given=names.k_given,
        quadrature_error=error,
        converged=reason is None and math.isfinite(se),
        reason=reason or (None if math.isfinite(se) else "the likelihood is flat at its peak"),
    )


def _covariance(peak: Peak, zero: list[int]) -> Floats:
    """Inverse of the information; a variance at 0 is left out, as the likelihood is even in its root."""
    p = peak.at.size
    free = [i for i in range(p) if i not in zero]
    covariance = np.full((p, p), math.nan)
    information = peak.information[np.ix_(free, free)]
    if np.isfinite(information).all():
        # A singular information leaves nan: the standard error does not exist.
        with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
            covariance[np.ix_(free, free)] = np.linalg.inv(information)
    return covariance


def _heterogeneity(statistic: float, k: int) -> ChiSquareTest:
    if k == 1:
        return ChiSquareTest(statistic=0.0, df=0, p_value=1.0)
    return chi_square_test(statistic, k - 1)


def _fit_statistics(log_likelihood: float, model: LikelihoodOfCounts, parameters: int) -> FitStatistics:
    n = model.numbers
    n_at_least = max(n, parameters + 2)
    return FitStatistics(
        log_likelihood=log_likelihood,
        deviance=2 * (model.log_likelihood_of_itself - log_likelihood),
        aic=2 * parameters - 2 * log_likelihood,
        bic=parameters * math.log(n) - 2 * log_likelihood,
        aicc=2 * parameters * n_at_least / (n_at_least - parameters - 1) - 2 * log_likelihood,
    )


def _nothing(names: _Names, estimate: float, k: int, reason: str) -> MixedFit:
    """An estimate that does not exist, or is infinite."""
    untested = ChiSquareTest(statistic=math.nan, df=max(k - 1, 0), p_value=math.nan)
    return MixedFit(
        measure=names.measure, model=names.model, method=names.method, test=names.test, estimate=estimate, se=math.nan,
        statistic=math.nan, df=None, p_value=math.nan, ci_lower=math.nan, ci_upper=math.nan, pi_lower=math.nan,
        pi_upper=math.nan, tau2=math.nan, se_tau2=math.nan, sigma2=math.nan, correlation=math.nan, i2=math.nan,
        h2=math.nan, wald=untested, likelihood_ratio=untested, fit=None, k=k, k_given=names.k_given,
        quadrature_error=math.nan, converged=False, reason=reason,
    )  # fmt: skip
