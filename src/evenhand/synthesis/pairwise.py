"""The frequentist estimates reviewers expect beside the posterior.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import TESTS, LinearFit, fit_linear
from evenhand.synthesis.pooled import Classical
from evenhand.synthesis.wald import quantile

__all__ = ["TESTS", "classical", "meta_analysis"]


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
    return classical(fit_linear(yi, vi, method=method, test=test, level=level))


def classical(fit: LinearFit) -> Classical:
    """The one coefficient of a fit with the intercept alone, with its prediction intervals."""
    estimate, se = float(fit.beta[0]), float(fit.se[0])
    new = math.sqrt(se**2 + fit.tau2)
    half = quantile(fit.level, fit.df)
    riley = quantile(fit.level, fit.k - 2)
    return Classical(
        method=fit.method,
        test=fit.test,
        estimate=estimate,
        se=se,
        ci_lower=float(fit.ci_lower[0]),
        ci_upper=float(fit.ci_upper[0]),
        p_value=float(fit.p_value[0]),
        tau2=fit.tau2,
        i2=fit.i2,
        q=fit.q,
        q_p_value=fit.q_p_value,
        pi_lower=estimate - half * new,
        pi_upper=estimate + half * new,
        k=fit.k,
        statistic=float(fit.statistic[0]),
        df=None if fit.df is None else int(fit.df),
        h2=fit.h2,
        se_tau2=fit.se_tau2,
        pi_riley_lower=estimate - riley * new,
        pi_riley_upper=estimate + riley * new,
        weights=tuple(fit.weights.tolist()),
        fit=fit.fit,
        tau2_estimable=fit.tau2_estimable,
    )
