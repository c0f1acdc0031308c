"""The frequentist estimates reviewers expect beside the posterior.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import checked_studies, given_tau2, projection_traces
from evenhand.synthesis.pooled import Classical, FitStatistics
from evenhand.synthesis.tau2.equal_effects import EQUAL_EFFECTS
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.synthesis.tau2.maximum_likelihood import log_likelihood
from evenhand.synthesis.tau2.reml import restricted_log_likelihood

# 'z' normal; 't' the same standard error with k − 1 degrees of freedom; 'knha' Knapp & Hartung (2003, Statist. Med. 22,
# 2693-2710), whose standard error can be the smaller one; 'adhoc' the same, never smaller than that of 'z'.
TESTS = ("z", "t", "knha", "adhoc")


def meta_analysis(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> Classical:
    """Pool effects by inverse variance.

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

    Returns
    -------
    Classical
        I² as the share of the total in a typical study's variance (Higgins & Thompson 2002, Statist. Med. 21,
        1539-1558, eq. 9); for equal effects 100 (Q − df) / Q. `pi_*` is the interval of a new study's effect with the
        quantile of the test (normal, or t with k − 1), `pi_riley_*` with t of k − 2 (Riley, Higgins & Deeks 2011, BMJ
        342, d549). With one study tau2 is 0 and `tau2_estimable` is False.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be pooled, or a method or test there is not.
    """
    effects, variances = checked_studies(yi, vi)
    if method not in ESTIMATORS:
        raise ValueError(f"method '{method}': there are {', '.join(ESTIMATORS)}")
    if test not in TESTS:
        raise ValueError(f"test '{test}': there are {', '.join(TESTS)}")
    if not 0 < level < 1:
        raise ValueError(f"level = {level}: a level lies between 0 and 1")
    estimator, k = ESTIMATORS[method], effects.size
    tau2 = estimator.tau2(effects, variances) if k > 1 else 0.0
    test = test if k > 1 else "z"
    fit = given_tau2(effects, variances, np.array([tau2]))
    estimate, precision = float(fit.mean[0]), float(fit.sum_of_weights[0])
    scale = 1.0
    if test in ("knha", "adhoc"):
        scale = float(fit.q[0]) / (k - 1)
        scale = max(1.0, scale) if test == "adhoc" else scale
    se = math.sqrt(scale / precision)
    df = None if test == "z" else k - 1
    half = _quantile(level, df)
    q = float(given_tau2(effects, variances, np.zeros(1)).q[0])
    i2, h2 = _inconsistency(variances, tau2, q, estimated=estimator is not EQUAL_EFFECTS)
    new = math.sqrt(se**2 + tau2)
    riley = _quantile(level, k - 2) if k > 2 else math.nan
    return Classical(
        method=method,
        test=test,
        estimate=estimate,
        se=se,
        ci_lower=estimate - half * se,
        ci_upper=estimate + half * se,
        p_value=_two_sided(estimate, se, df),
        tau2=tau2,
        i2=i2,
        q=q,
        q_p_value=_chi_square_tail(q, k - 1),
        pi_lower=estimate - half * new,
        pi_upper=estimate + half * new,
        k=k,
        statistic=math.copysign(math.inf, estimate) if se == 0 and estimate else estimate / se if se else math.nan,
        df=df,
        h2=h2,
        se_tau2=estimator.se_tau2(effects, variances, tau2) if k > 1 else math.nan,
        pi_riley_lower=estimate - riley * new,
        pi_riley_upper=estimate + riley * new,
        weights=tuple((100.0 / ((variances + tau2) * precision)).tolist()),
        fit=_fit_statistics(effects, variances, tau2, estimator) if k > 1 else None,
        tau2_estimable=k > 1,
    )


def _inconsistency(vi: Floats, tau2: float, q: float, *, estimated: bool) -> tuple[float, float]:
    """I² in percent, and H²."""
    df = vi.size - 1
    if df == 0:
        return 0.0, 1.0
    if not estimated:
        return (max(0.0, 100.0 * (q - df) / q) if q > 0 else 0.0), q / df
    typical = df / projection_traces(1.0 / vi, vi).p
    return 100.0 * tau2 / (typical + tau2), tau2 / typical + 1.0


def _fit_statistics(yi: Floats, vi: Floats, tau2: float, estimator: Estimator) -> FitStatistics | None:
    if estimator.likelihood is None:
        return None
    restricted = estimator.likelihood == "restricted"
    at = np.array([tau2])
    log_lik = float((restricted_log_likelihood if restricted else log_likelihood)(yi, vi, at)[0])
    parameters = 1 if estimator is EQUAL_EFFECTS else 2
    n = yi.size - 1 if restricted else yi.size
    saturated = 0.0 if restricted else -0.5 * float(np.log(2 * math.pi * vi).sum())
    # With very few studies the correction of AICc would divide by 0 or less.
    n_at_least = max(n, parameters + 2)
    return FitStatistics(
        log_likelihood=log_lik,
        deviance=2 * (saturated - log_lik),
        aic=2 * parameters - 2 * log_lik,
        bic=parameters * math.log(n) - 2 * log_lik,
        aicc=2 * parameters * n_at_least / (n_at_least - parameters - 1) - 2 * log_lik,
    )


def _quantile(level: float, df: int | None) -> float:
    """Upper quantile of a two-sided interval: normal, or t."""
    from scipy.special import ndtri, stdtrit

    tail = 0.5 * (1.0 - level)
    return -float(ndtri(tail)) if df is None else -float(stdtrit(df, tail))


def _two_sided(estimate: float, se: float, df: int | None) -> float:
    from scipy.special import ndtr, stdtr

    if se == 0:
        return 0.0 if estimate else math.nan
    distance = -abs(estimate / se)
    return 2.0 * float(ndtr(distance) if df is None else stdtr(df, distance))


def _chi_square_tail(q: float, df: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, q)) if df > 0 else 1.0
