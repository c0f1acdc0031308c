"""What each group's own random effect is predicted to be, and what a new effect may be.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.covariance_tables import ByLevel
from evenhand.synthesis.dependent.multilevel_model import MultilevelFit
from evenhand.synthesis.wald import quantile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RandomEffectEstimates:
    """Best linear unbiased predictions of one term's random effects; every array has one entry a label."""

    term: str
    labels: tuple[Any, ...]  # groups of an intercept; (group number, level) of a term with an inner factor
    estimate: Floats
    se: Floats
    pi_lower: Floats
    pi_upper: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MultilevelPrediction:
    """Means at new moderators; every array has shape (rows,)."""

    estimate: Floats
    se: Floats
    ci_lower: Floats
    ci_upper: Floats
    pi_lower: Floats  # of a new true effect; nan where its variance depends on a level that was not given
    pi_upper: Floats


def predicted_random_effects(fit: MultilevelFit, term: int = 0) -> RandomEffectEstimates:
    """Predictions of the random effects of one term.

    Raises
    ------
    ValueError
        Where there is no such term, or it has random slopes.

    References
    ----------
    Robinson (1991). Statist. Sci. 6, 15-32; Raudenbush & Bryk (1985). J. Educ. Stat. 10, 75-98.
    """
    solution = fit.solution
    problem = solution.problem
    if not 0 <= term < len(problem.terms):
        raise ValueError(f"term {term}: there are {len(problem.terms)}, counted from 0")
    chosen = problem.terms[term]
    if chosen.slopes is not None:
        raise ValueError(f"term '{chosen.name}' has random slopes; their predictions are not worked out")
    found = solution.likelihood.at(solution.x)
    solved = solution.likelihood.solve(solution.x, np.column_stack([problem.yi - problem.X @ found.beta, problem.X]))
    predicted = solution.likelihood.predicted(solution.x, term, solved[:, 0], solved[:, 1:], found.covariance)
    if chosen.is_intercept:
        first = np.unique(chosen.group, return_index=True)[1]
        labels = chosen.labels
    elif chosen.places is not None and not chosen.labels:
        first = np.arange(fit.k)
        labels = tuple(range(fit.k))
    else:
        both = chosen.group * (int(chosen.level.max()) + 1) + chosen.level
        first = np.unique(both, return_index=True)[1]
        if isinstance(chosen.table, ByLevel) or int(chosen.group.max()) > 0:
            labels = tuple((int(chosen.group[i]), chosen.labels[chosen.level[i]]) for i in first)
        else:
            labels = tuple(chosen.labels[chosen.level[i]] for i in first)
    estimate = predicted.estimate[first]
    se = np.sqrt(np.maximum(0.0, predicted.variance[first]))
    half = quantile(fit.level, None if fit.df is None else min(fit.df)) * se
    return RandomEffectEstimates(
        term=chosen.name, labels=labels, estimate=estimate, se=se, pi_lower=estimate - half, pi_upper=estimate + half
    )


def predict_multilevel(
    fit: MultilevelFit,
    X: Sequence[Sequence[float]] | Floats | None = None,
    *,
    levels: Sequence[str | None] | None = None,
) -> MultilevelPrediction:
    """Mean effects at rows of moderators, and intervals of new true effects there.

    Parameters
    ----------
    X : array_like, shape (rows, p), optional
        None for the intercept of a model without moderators.
    levels : sequence, optional
        For each term with one variance a level, the level the new effects have; None for other terms.

    Raises
    ------
    ValueError
        Where the rows do not fit the model, or there is no such level.
    """
    if X is None and fit.p > 1:
        raise ValueError(f"a model of {fit.p} coefficients needs rows of as many moderators to predict at")
    rows = np.ones((1, 1)) if X is None else np.atleast_2d(np.asarray(X, dtype=np.float64))
    if rows.shape[1] != fit.p:
        raise ValueError(f"rows of {rows.shape[1]} moderators for {fit.p} coefficients")
    estimate = rows @ fit.beta
    se = np.sqrt(np.maximum(0.0, np.einsum("ij,jk,ik->i", rows, fit.covariance, rows)))
    half = quantile(fit.level, None if fit.df is None else min(fit.df))
    new = np.sqrt(se**2 + _variance_of_new(fit, levels))
    return MultilevelPrediction(
        estimate=estimate,
        se=se,
        ci_lower=estimate - half * se,
        ci_upper=estimate + half * se,
        pi_lower=estimate - half * new,
        pi_upper=estimate + half * new,
    )


def _variance_of_new(fit: MultilevelFit, levels: Sequence[str | None] | None) -> float:
    terms = fit.solution.problem.terms
    chosen = list(levels) if levels is not None else [None] * len(terms)
    if len(chosen) != len(terms):
        raise ValueError(f"{len(chosen)} levels for {len(terms)} random terms")
    total = 0.0
    for term, level in zip(terms, chosen, strict=True):
        variances = [c for c in fit.components if c.term == term.name and c.kind in ("sigma2", "tau2")]
        if len(variances) == 1:
            total += variances[0].value
        elif level is None or term.slopes is not None:
            total = math.nan
        else:
            of_level = [c.value for c in variances if c.level == str(level)]
            if not of_level:
                raise ValueError(f"term '{term.name}' has no level '{level}'")
            total += of_level[0]
    return total
