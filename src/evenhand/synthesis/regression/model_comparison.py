"""Which moderators earn their place: likelihood-ratio tests, information criteria, all subsets, model averages.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import LinearFit, fit_linear
from evenhand.synthesis.pooled import FitStatistics
from evenhand.synthesis.regression.design_matrix import INTERCEPT
from evenhand.synthesis.regression.mixed_effects import MetaRegression, meta_regression
from evenhand.synthesis.regression.model_formula import parse_model_formula
from evenhand.synthesis.regression.moderator_columns import ModeratorData
from evenhand.synthesis.wald import chi_square_tail, quantile

if TYPE_CHECKING:
    from pandas import DataFrame

CRITERIA = ("aicc", "aic", "bic")
MOST_CANDIDATES = 15  # 32,768 models


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodRatio:
    """A model against a simpler one within it."""

    statistic: float  # twice the difference of log likelihoods
    df: int  # parameters that the simpler one lacks
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedModel:
    """One subset of the moderators."""

    terms: tuple[str, ...]
    formula: str
    parameters: int  # coefficients, and tau2 where it is estimated
    fit: FitStatistics
    tau2: float
    difference: float  # of the criterion, from the best model's
    weight: float  # Akaike weight: exp(−difference / 2), summing to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragedCoefficient:
    """One coefficient, averaged over all models; 0 in those without it."""

    name: str
    estimate: float
    se: float  # unconditional: within models and between them
    ci_lower: float
    ci_upper: float
    importance: float  # sum of the weights of the models that have it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelSelection:
    """All subsets of the candidates, best first."""

    criterion: str
    method: str
    k: int
    models: tuple[RankedModel, ...]
    averages: tuple[AveragedCoefficient, ...]
    left_out: tuple[tuple[int, str], ...]  # study and column for each missing value: all models have the same studies

    def to_frame(self) -> "DataFrame":
        """One row a model."""
        from pandas import DataFrame

        rows = [
            {
                "formula": model.formula, "parameters": model.parameters, "log_likelihood": model.fit.log_likelihood,
                "aic": model.fit.aic, "bic": model.fit.bic, "aicc": model.fit.aicc, "tau2": model.tau2,
                "difference": model.difference, "weight": model.weight,
            }
            for model in self.models
        ]  # fmt: skip
        return DataFrame(rows)


def likelihood_ratio(log_likelihood: float, simpler: float, df: int) -> LikelihoodRatio:
    """From two log likelihoods; a difference below 0 is rounding, and counts as 0."""
    statistic = max(0.0, 2.0 * (log_likelihood - simpler))
    return LikelihoodRatio(statistic=statistic, df=df, p_value=chi_square_tail(statistic, df))


def likelihood_ratio_test(fuller: MetaRegression | LinearFit, simpler: MetaRegression | LinearFit) -> LikelihoodRatio:
    """Whether the fuller of two nested models fits better than chance.

    Raises
    ------
    ValueError
        Where the two cannot be compared: other studies, other methods, no likelihood, restricted likelihoods of
        different moderators, or models not within each other.
    """
    first = fuller.fit if isinstance(fuller, MetaRegression) else fuller
    second = simpler.fit if isinstance(simpler, MetaRegression) else simpler
    if not (np.array_equal(first.yi, second.yi) and np.array_equal(first.vi, second.vi)):
        raise ValueError(
            f"the models have different studies ({first.k} and {second.k}). "
            "Mend: fit both to the studies that have all moderators"
        )
    if first.fit is None or second.fit is None:
        without = first.method if first.fit is None else second.method
        raise ValueError(f"method '{without}' maximises no likelihood. Mend: fit both with method='ML'")
    same_space = _within(second.X, first.X) and _within(first.X, second.X)
    if "REML" in (first.method, second.method) and not (same_space and first.method == second.method):
        raise ValueError(
            "restricted likelihoods can be compared only between models of the same moderators. "
            "Mend: fit both with method='ML'"
        )
    if not _within(second.X, first.X):
        raise ValueError("the simpler model is not within the fuller one. Mend: give nested models, or compare AICc")
    df = _parameters(first) - _parameters(second)
    if df <= 0:
        raise ValueError("the fuller model has no more parameters than the simpler one. Mend: give it first")
    return likelihood_ratio(first.fit.log_likelihood, second.fit.log_likelihood, df)


def _within(X: Floats, of: Floats) -> bool:
    """Whether the columns of X are sums of those of the other."""
    basis = np.linalg.qr(of)[0]
    left = X - basis @ (basis.T @ X)
    return bool((np.linalg.norm(left, axis=0) <= 1e-7 * np.linalg.norm(X, axis=0)).all())


def _parameters(fit: LinearFit) -> int:
    return fit.p + (0 if fit.method == "EE" else 1)


def all_subsets(
    yi: Sequence[float | None] | Floats,
    vi: Sequence[float | None] | Floats,
    candidates: Sequence[str],
    data: ModeratorData,
    *,
    always: Sequence[str] = (),
    method: str = "ML",
    criterion: str = "aicc",
    level: float = 0.95,
) -> ModelSelection:
    """Fit every subset of candidate terms, rank the models, and average their coefficients.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    candidates : sequence of str
        Terms that may or may not be in a model: 'ablat', 'factor(alloc)', 'poly(year, 2)'. At most 15.
    data : mapping of columns, data frame or sequence of records
    always : sequence of str
        Terms of every model.
    method : 'ML' or 'EE'
        Restricted likelihoods of different moderators cannot be compared.
    criterion : 'aicc', 'aic' or 'bic'

    Returns
    -------
    ModelSelection
        All models have the studies in which no candidate is missing. Standard errors of averages are of Burnham &
        Anderson (2002, Model Selection and Multimodel Inference, eq. 4.9), with 0 in models without the term.

    Raises
    ------
    ValueError
        For more candidates than can be tried, a method without a full likelihood, or moderators that cannot be read.
    """
    if method not in ("ML", "EE"):
        raise ValueError(f"method '{method}': models of different moderators are compared by 'ML' or 'EE'")
    if criterion not in CRITERIA:
        raise ValueError(f"criterion '{criterion}': there are {', '.join(CRITERIA)}")
    if not 1 <= len(candidates) <= MOST_CANDIDATES:
        raise ValueError(f"{len(candidates)} candidates: give 1 to {MOST_CANDIDATES}")
    whole = meta_regression(
        yi, vi, "~ " + " + ".join([*always, *candidates]), data, method=method, test="z", collinear="refuse"
    )
    columns = {term: whole.design.columns_of(_as_labelled(term, whole)) for term in [*always, *candidates]}
    fits: list[tuple[tuple[str, ...], list[int], LinearFit]] = []
    for size in range(len(candidates) + 1):
        for chosen in itertools.combinations(candidates, size):
            terms = (*always, *chosen)
            used = sorted({0, *(j for term in terms for j in columns[term])})
            fit = fit_linear(whole.fit.yi, whole.fit.vi, whole.fit.X[:, used], method=method, test="z")
            if fit.fit is not None:
                fits.append((terms, used, fit))
    return _ranked(fits, whole, criterion, level)


def _as_labelled(term: str, regression: MetaRegression) -> str:
    """The term as the formula prints it, whatever its blanks."""
    alone = parse_model_formula(f"~ {term}")
    if len(alone.terms) != 1 or not alone.intercept:
        raise ValueError(f"candidate '{term}' is {len(alone.terms)} terms: give each by itself")
    return alone.label(alone.terms[0])


def _ranked(
    fits: Sequence[tuple[tuple[str, ...], list[int], LinearFit]], whole: MetaRegression, criterion: str, level: float
) -> ModelSelection:
    values = np.array([getattr(fit.fit, criterion) for _, _, fit in fits])
    differences = values - values.min()
    weights = np.exp(-0.5 * differences)
    weights /= weights.sum()
    models = []
    for i in np.argsort(differences, kind="stable"):
        terms, _, fit = fits[i]
        assert fit.fit is not None  # noqa: S101 - only fits with a likelihood were kept
        models.append(
            RankedModel(
                terms=terms,
                formula="~ " + (" + ".join(terms) or "1"),
                parameters=_parameters(fit),
                fit=fit.fit,
                tau2=fit.tau2,
                difference=float(differences[i]),
                weight=float(weights[i]),
            )
        )
    averages = [_average(j, name, fits, weights, level) for j, name in enumerate(whole.names)]
    return ModelSelection(
        criterion=criterion,
        method=whole.fit.method,
        k=whole.fit.k,
        models=tuple(models),
        averages=tuple(averages),
        left_out=whole.left_out,
    )


def _average(
    j: int,
    name: str,
    fits: Sequence[tuple[tuple[str, ...], list[int], LinearFit]],
    weights: Floats,
    level: float,
) -> AveragedCoefficient:
    estimates, variances, has = np.zeros(len(fits)), np.zeros(len(fits)), np.zeros(len(fits), dtype=bool)
    for i, (_, used, fit) in enumerate(fits):
        if j in used:
            at = used.index(j)
            estimates[i], variances[i], has[i] = fit.beta[at], fit.covariance[at, at], True
    mean = float(weights @ estimates)
    se = float(weights @ np.sqrt(variances + (estimates - mean) ** 2))
    half = quantile(level, None) * se
    return AveragedCoefficient(
        name=name,
        estimate=mean,
        se=se,
        ci_lower=mean - half,
        ci_upper=mean + half,
        importance=1.0 if name == INTERCEPT else min(1.0, math.fsum(weights[has])),
    )
