"""One normal model with known sampling variances and one between-study variance: coefficients, tests and fit.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

y ~ N(Xβ, V + τ²I). Pooling is X = 1, meta-regression any other X.
"""

import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats
from evenhand.number_columns import number_column
from evenhand.synthesis.normal_kernel import NormalModel, Weighted, checked_design, checked_studies
from evenhand.synthesis.pooled import FitStatistics
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.synthesis.wald import check_level, chi_square_tail, wald

if TYPE_CHECKING:
    from pandas import DataFrame

# 'z' normal; 't' the same standard error with k − p degrees of freedom; 'knha' Knapp & Hartung (2003, Statist. Med. 22,
# 2693-2710), whose standard error can be the smaller one; 'adhoc' the same, never smaller than that of 'z'.
TESTS = ("z", "t", "knha", "adhoc")
_ROUNDED = 1e-13  # share of all effects, each over its error, that a coefficient of rounding alone may have


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearFit:
    """Coefficients of k studies on p columns, and the between-study variance about them."""

    method: str  # 'REML', 'EE'
    test: str  # 'z', 'knha'; 'z' where no degrees of freedom are left
    level: float  # of the intervals
    k: int
    p: int
    beta: Floats  # (p,), analysis scale
    covariance: Floats  # (p, p), with the test's scale
    se: Floats  # (p,)
    statistic: Floats  # (p,)
    p_value: Floats  # (p,), two-sided
    ci_lower: Floats  # (p,)
    ci_upper: Floats  # (p,)
    df: float | None  # of the test, k − p; None for 'z'
    tau2: float  # between-study variance left by X, squared analysis scale
    se_tau2: float  # nan where tau2 was given or has none
    tau2_estimable: bool  # False: no degrees of freedom are left, and tau2 is 0 for want of them
    q: float  # weighted sum of squared residuals with inverse sampling variances
    q_df: int  # k − p
    q_p_value: float
    i2: float  # percent of the variance left that is between studies
    h2: float
    scale: float  # s²_w of Knapp & Hartung that `covariance` was multiplied by; 1 for 'z' and 't'
    fit: FitStatistics | None  # likelihood methods only
    weights: Floats = field(repr=False)  # (k,), percent
    hat: Floats = field(repr=False)  # (k,), each study's leverage on its own fitted value
    fitted: Floats = field(repr=False)  # (k,)
    X: Floats = field(repr=False)  # (k, p)
    yi: Floats = field(repr=False)  # (k,)
    vi: Floats = field(repr=False)  # (k,)
    user_weights: Floats | None = field(default=None, repr=False)  # (k,), where not weighted by inverse variance

    @property
    def names(self) -> tuple[str, ...]:
        """Of the coefficients, where nobody has named them: by their column, counted from 0."""
        return tuple("intercept" if (column == 1.0).all() else f"column {j}" for j, column in enumerate(self.X.T))

    def to_frame(self) -> "DataFrame":
        """One row a coefficient."""
        from evenhand.synthesis.notebook_tables import coefficient_frame

        return coefficient_frame(self, self.names)

    def _repr_html_(self) -> str:
        """The coefficients as a small table, for a notebook."""
        from evenhand.synthesis.notebook_tables import coefficient_html

        return coefficient_html(self, self.names)

    def model(self) -> NormalModel:
        """The model it is a fit of, for intervals and residuals."""
        return NormalModel.of(self.yi, self.vi, self.X, self.user_weights)


def checked_fit(fit: object) -> None:
    """Refuse what is a table of a fit, without its studies.

    Raises
    ------
    ValueError
        Saying which function returns the fit.
    """
    if not isinstance(fit, LinearFit):
        raise ValueError(f"a {type(fit).__name__} is no fit: give what `pooled_fit` returns, or a regression's `fit`")


def fit_linear(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    X: Sequence[Sequence[float]] | Floats | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    weights: str | Sequence[float] | Floats | None = None,
    tau2: float | None = None,
) -> LinearFit:
    """Fit y ~ N(Xβ, V + τ²I).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    X : array_like, shape (k, p), optional
        Design matrix, with its column of ones if there is to be an intercept. None is the intercept alone.
    method : str
        A name in `ESTIMATORS`.
    test : str
        A name in `TESTS`. With as many coefficients as studies no degrees of freedom are left, and the result says 'z'.
    level : float
        Of the confidence intervals.
    weights : None, 'unweighted' or array_like, shape (k,)
        Of the coefficients: 1 / (vi + tau2), 1, or the user's own (≥ 0). tau2 is estimated alike, save by the
        estimators that are made of the user's weights.
    tau2 : float, optional
        A between-study variance taken as known.

    Returns
    -------
    LinearFit
        I² = tau2 / (tau2 + v) with v = (k − p) / tr P the typical sampling variance (Higgins & Thompson 2002, Statist.
        Med. 21, 1539-1558, eq. 9); for equal effects 100 (Q − df) / Q.

    Raises
    ------
    ValueError
        Naming the study or column and the value that cannot be fitted, or a method or test there is not.
    """
    effects, variances = checked_studies(yi, vi)
    design = checked_design(X, effects.size)
    own = _checked_weights(weights, effects.size)
    if not isinstance(method, str) or method not in ESTIMATORS:
        raise ValueError(f"method '{method}': there are {', '.join(ESTIMATORS)}")
    if test not in TESTS:
        raise ValueError(f"test '{test}': there are {', '.join(TESTS)}")
    check_level(level)
    if tau2 is not None and not (isinstance(tau2, numbers.Real) and 0 <= tau2 < math.inf):
        raise ValueError(f"tau2 = {tau2}: a between-study variance is finite and not below 0")
    estimator = ESTIMATORS[method]
    if estimator.needs_weights and (own is None or isinstance(weights, str)):
        raise ValueError(f"method '{method}' is made of the user's weights: give `weights`, one for each study")
    _check_identified(design, own)
    model = NormalModel.of(effects, variances, design, own)
    return _fit(model, estimator, test, level, tau2)


def _fit(model: NormalModel, estimator: Estimator, test: str, level: float, known: float | None) -> LinearFit:
    k, p, df = model.k, model.p, model.df
    estimable = df > 0
    tau2 = known if known is not None else estimator.estimate(model) if estimable else 0.0
    test = test if estimable else "z"
    best = model.at(tau2)
    used = best if model.weights is None else model.weighted(model.weights)
    inverse_root = model.inverse_root(used)
    if model.weights is not None:
        # (X'AX)⁻¹X'A M AX(X'AX)⁻¹, with M = V + τ²I.
        middle = (used.basis.T * (model.weights * (model.vi + tau2))) @ used.basis
        covariance = inverse_root @ middle @ inverse_root.T
    else:
        covariance = inverse_root @ inverse_root.T
    beta, scale = model.beta(used), 1.0
    if test in ("knha", "adhoc"):
        scale = best.q / df
        scale = max(1.0, scale) if test == "adhoc" else scale
        beta = _without_rounding(beta, covariance, best.wi, model.yi) if scale == 0.0 else beta
        covariance = scale * covariance
    se = np.sqrt(np.diagonal(covariance))
    df_of_test = None if test == "z" else float(df)
    tests = wald(beta, se, df_of_test, level)
    common = model.at(0.0) if tau2 > 0 else best
    q = common.q
    i2, h2 = inconsistency(common, tau2, df, estimated=estimator.name != "EE" or known is not None)
    return LinearFit(
        method=estimator.name,
        test=test,
        level=level,
        k=k,
        p=p,
        beta=beta,
        covariance=covariance,
        se=se,
        statistic=tests.statistic,
        p_value=tests.p_value,
        ci_lower=tests.ci_lower,
        ci_upper=tests.ci_upper,
        df=df_of_test,
        tau2=tau2,
        se_tau2=estimator.standard_error(model, tau2) if estimable and known is None else math.nan,
        tau2_estimable=estimable,
        q=q,
        q_df=df,
        q_p_value=chi_square_tail(q, df),
        i2=i2,
        h2=h2,
        scale=scale,
        fit=fit_statistics(model, used, best, tau2, estimator, known is not None) if estimable else None,
        weights=100.0 * used.wi / used.wi.sum(),
        hat=used.leverage,
        fitted=model.yi - used.residual,
        X=model.X,
        yi=model.yi,
        vi=model.vi,
        user_weights=model.weights,
    )


def _without_rounding(beta: Floats, covariance: Floats, wi: Floats, yi: Floats) -> Floats:
    """Coefficients of effects that leave no residual: rounding over an error of 0 would be infinitely significant."""
    largest = _ROUNDED * math.sqrt(float(wi @ yi**2))
    return np.where(np.abs(beta) <= largest * np.sqrt(np.diagonal(covariance)), 0.0, beta)


def _checked_weights(weights: str | Sequence[float] | Floats | None, k: int) -> Floats | None:
    if weights is None:
        return None
    if isinstance(weights, str):
        if weights != "unweighted":
            raise ValueError(f"weights '{weights}': give 'unweighted', or one number for each study")
        return np.ones(k)
    own = number_column("weights", weights)
    if own.size != k:
        raise ValueError(f"{own.size} weights but {k} studies; give one a study")
    for i in np.flatnonzero(~(np.isfinite(own) & (own >= 0))):
        raise ValueError(f"weights[{i}] = {own[i]}: a weight is finite and not below 0")
    if not own.any():
        raise ValueError("all weights are 0: at least one study must count")
    return own


def _check_identified(X: Floats | None, weights: Floats | None) -> None:
    """Studies without weight cannot carry a coefficient."""
    if X is not None and weights is not None and np.linalg.matrix_rank(X[weights > 0]) < X.shape[1]:
        raise ValueError("the studies with weights above 0 do not identify every coefficient: give more of them weight")


def inconsistency(common: Weighted, tau2: float, df: int, *, estimated: bool) -> tuple[float, float]:
    """I² in percent and H², from the fit with inverse sampling variances."""
    if df == 0:
        return 0.0, 1.0
    if not estimated:
        return (max(0.0, 100.0 * (common.q - df) / common.q) if common.q > 0 else 0.0), common.q / df
    typical = df / common.trace(common.wi)
    return 100.0 * tau2 / (typical + tau2), tau2 / typical + 1.0


def log_likelihood_of_fit(model: NormalModel, used: Weighted, best: Weighted, *, restricted: bool) -> float:
    """Log likelihood, full or restricted, at the fitted coefficients, `best` having the inverse-variance weights."""
    n = model.df if restricted else model.k
    log_lik = -0.5 * (n * math.log(2 * math.pi) - float(np.log(best.wi).sum()) + float(best.wi @ used.residual**2))
    if restricted:
        # ½ log|X'X| − ½ log|X'WX|; the basis' own share is in both.
        log_lik -= float(np.log(np.abs(np.diagonal(best.root))).sum())
        log_lik += 0.5 * math.log(model.k) if model.is_mean else 0.0
    return log_lik


def fit_statistics(
    model: NormalModel, used: Weighted, best: Weighted, tau2: float, estimator: Estimator, known: bool
) -> FitStatistics | None:
    """Log likelihood and what is made of it; None for an estimator that maximises none."""
    if estimator.likelihood is None:
        return None
    restricted = estimator.likelihood == "restricted"
    log_lik = log_likelihood_of_fit(model, used, best, restricted=restricted)
    parameters = model.p + (0 if estimator.name == "EE" or known else 1)
    n = model.df if restricted else model.k
    saturated = 0.0 if restricted else -0.5 * float(np.log(2 * math.pi * model.vi).sum())
    # With very few studies the correction of AICc would divide by 0 or less.
    n_at_least = max(n, parameters + 2)
    return FitStatistics(
        log_likelihood=log_lik,
        deviance=2 * (saturated - log_lik),
        aic=2 * parameters - 2 * log_lik,
        bic=parameters * math.log(n) - 2 * log_lik,
        aicc=2 * parameters * n_at_least / (n_at_least - parameters - 1) - 2 * log_lik,
    )
