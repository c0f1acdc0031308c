"""The frequentist estimates reviewers expect beside the posterior.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.kenward_roger import kenward_roger
from evenhand.synthesis.linear_fit import TESTS as LINEAR_TESTS
from evenhand.synthesis.linear_fit import LinearFit, fit_linear
from evenhand.synthesis.pooled import Classical
from evenhand.synthesis.prediction import classic_se, prediction_interval
from evenhand.synthesis.wald import wald

# Beside those of any fit: 'hybrid' the wider interval of 'z' and 'knha' (Jackson et al. 2017, Statist. Med. 36,
# 3923-3934, hybrid method 2); 'iqwig' is 'adhoc' where the interval of 'knha' is narrower than that of 'z' with
# DerSimonian and Laird's tau2, else 'knha' (IQWiG, General Methods 6.1, 2022); 'kr' Kenward–Roger, with REML.
TESTS = (*LINEAR_TESTS, "hybrid", "iqwig", "kr")


def meta_analysis(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    weights: str | Sequence[float] | Floats | None = None,
    tau2: float | None = None,
    prediction: str = "test",
) -> Classical:
    """Pool effects.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    method : str
        A name in `ESTIMATORS`.
    test : str
        A name in `TESTS`. With one study there are no degrees of freedom, and the result says 'z'.
    level : float
        Of the confidence and prediction intervals.
    weights : None, 'unweighted' or array_like, shape (k,)
        Inverse variance, none, or the user's own (≥ 0).
    tau2 : float, optional
        A between-study variance taken as known.
    prediction : str
        A name in `PREDICTIONS`: the kind of `pi_lower` and `pi_upper`, by default that of the test.

    Returns
    -------
    Classical
        I² as the share of the total in a typical study's variance (Higgins & Thompson 2002, Statist. Med. 21,
        1539-1558, eq. 9); for equal effects 100 (Q − df) / Q. `pi_*` is the interval of a new study's effect,
        `pi_riley_*` the one with t of k − 2 (Riley, Higgins & Deeks 2011, BMJ 342, d549). With one study tau2 is 0 and
        `tau2_estimable` is False.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be pooled, or a method, test or prediction there is not.
    """
    return classical(
        pooled_fit(yi, vi, method=method, test=test, level=level, weights=weights, tau2=tau2), prediction=prediction
    )


def pooled_fit(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    weights: str | Sequence[float] | Floats | None = None,
    tau2: float | None = None,
) -> LinearFit:
    """The same as a `LinearFit`, from which intervals of tau2, residuals and predictions follow."""
    if test not in TESTS:
        raise ValueError(f"test '{test}': there are {', '.join(TESTS)}")
    if test in LINEAR_TESTS:
        return fit_linear(yi, vi, method=method, test=test, level=level, weights=weights, tau2=tau2)
    if test == "kr" and (method != "REML" or weights is not None or tau2 is not None):
        raise ValueError("test 'kr' rests on REML with inverse-variance weights: use method 'REML' and no others")

    def fitted(test: str, method: str = method) -> LinearFit:
        return fit_linear(yi, vi, method=method, test=test, level=level, weights=weights, tau2=tau2)

    if test == "kr":
        return _with_kenward_roger(fitted("z"))
    of_knha = fitted("knha")
    if not of_knha.tau2_estimable:
        return of_knha
    classic = fitted("z")
    if test == "hybrid":
        return replace(classic if _width(classic) > _width(of_knha) else of_knha, test="hybrid")
    narrower = _width(of_knha) < _width(fit_linear(yi, vi, method="DL", test="z", level=level))
    return replace(fitted("adhoc") if narrower else of_knha, test="iqwig")


def _width(fit: LinearFit) -> float:
    return float(fit.ci_upper[0] - fit.ci_lower[0])


def _with_kenward_roger(fit: LinearFit) -> LinearFit:
    if not fit.tau2_estimable:
        return fit
    se, df = kenward_roger(fit.vi, fit.tau2)
    tests = wald(fit.beta, np.array([se]), df, fit.level)
    return replace(
        fit,
        test="kr",
        se=np.array([se]),
        covariance=np.array([[se**2]]),
        scale=(se / classic_se(fit)) ** 2,
        df=df,
        statistic=tests.statistic,
        p_value=tests.p_value,
        ci_lower=tests.ci_lower,
        ci_upper=tests.ci_upper,
    )


def classical(fit: LinearFit, *, prediction: str = "test") -> Classical:
    """The one coefficient of a fit with the intercept alone, with its prediction intervals."""
    chosen, riley = prediction_interval(fit, prediction), prediction_interval(fit, "riley")
    return Classical(
        method=fit.method,
        test=fit.test,
        estimate=float(fit.beta[0]),
        se=float(fit.se[0]),
        ci_lower=float(fit.ci_lower[0]),
        ci_upper=float(fit.ci_upper[0]),
        p_value=float(fit.p_value[0]),
        tau2=fit.tau2,
        i2=fit.i2,
        q=fit.q,
        q_p_value=fit.q_p_value,
        pi_lower=chosen.lower,
        pi_upper=chosen.upper,
        k=fit.k,
        statistic=float(fit.statistic[0]),
        df=_whole(fit.df),
        h2=fit.h2,
        se_tau2=fit.se_tau2,
        pi_riley_lower=riley.lower,
        pi_riley_upper=riley.upper,
        weights=tuple(fit.weights.tolist()),
        fit=fit.fit,
        tau2_estimable=fit.tau2_estimable,
        level=fit.level,
    )


def _whole(df: float | None) -> float | None:
    return int(df) if df is not None and df.is_integer() else df
