"""Limit meta-analysis: the effect in a study of infinite precision, where small studies differ.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.reporting_bias.asymmetry import line
from evenhand.synthesis.wald import chi_square_tail, wald

ADJUSTMENTS = ("beta0", "betalim", "mulim")


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMetaAnalysis:
    """The effect adjusted for small-study effects, and how much of the heterogeneity those explain."""

    adjustment: str  # 'beta0', 'betalim', 'mulim'
    k: int
    estimate: float
    se: float
    statistic: float  # standard normal
    p_value: float
    ci_lower: float
    ci_upper: float
    alpha: float  # expected shift of a very small study's effect, in its standard errors
    beta: float  # slope of the generalised radial plot
    tau2: float  # between-study variance of the random-effects model
    unadjusted: float  # its estimate
    limit_yi: tuple[float, ...]  # effects of the studies were each infinitely precise, in the order given
    q: float  # heterogeneity: of small-study effects and of the rest
    q_small: float
    q_small_p_value: float
    q_residual: float
    q_residual_p_value: float
    g2: float  # percent of the heterogeneity that small-study effects leave unexplained
    not_computed: Message | None = None  # why there is no adjusted number


def limit_meta_analysis(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    adjustment: str = "beta0",
    method: str = "REML",
    level: float = 0.95,
) -> LimitMetaAnalysis:
    """Adjust for small-study effects by letting each study's precision grow without end.

    The model is y = beta + √(v + tau2) (e + alpha), with e standard normal. 'beta0' is its expectation in a study of no
    sampling error, beta + tau alpha; 'betalim' and 'mulim' pool the studies' limits with and without the parameter of
    bias.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    adjustment : str
        'beta0', 'betalim' or 'mulim'.
    method : str
        Estimator of tau2, a name in `ESTIMATORS`.
    level : float
        Of the interval.

    Returns
    -------
    LimitMetaAnalysis
        Without adjusted numbers where there are fewer than 3 studies, or all are of one precision.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used, or an adjustment there is not.

    References
    ----------
    Rücker, Schwarzer, Carpenter, Binder & Schumacher (2011). Biostatistics 12, 122-142, sections 3 and 7.
    """
    effects, variances = checked_studies(yi, vi)
    if adjustment not in ADJUSTMENTS:
        raise ValueError(f"adjustment '{adjustment}': there are {', '.join(ADJUSTMENTS)}")
    k = effects.size
    pooled = meta_analysis(effects, variances, method=method, test="z", level=level)
    tau = math.sqrt(pooled.tau2)
    totals = variances + pooled.tau2
    # A line through y/s against 1/s is one through y against s, weighted by 1/s²: its slope is our intercept.
    common = line(effects, variances, np.sqrt(variances), method="EE", test="knha", level=level) if k > 2 else None
    radial = line(effects, totals, np.sqrt(totals), method="EE", test="knha", level=level) if k > 2 else None
    if common is None or radial is None:
        reason = message("bias.none.few_studies", k=k, least=3) if k < 3 else message("bias.none.same_precision")
        return _nothing(adjustment, k, pooled.tau2, pooled.estimate, pooled.q, reason)
    beta, alpha = float(radial.beta[0]), float(radial.beta[1])
    limits = beta + tau / np.sqrt(totals) * (effects - beta)
    x = 1 / np.sqrt(variances)
    flat_slope, g2 = _line_of_limits(limits * x, x)
    if adjustment == "beta0":
        root = 1 / np.sqrt(totals)
        estimate = beta + tau * alpha
        about_mean = float(((root - root.mean()) ** 2).sum())
        # Never below 0: the mean of squares is at least the square of the mean.
        se = math.sqrt((1 + tau**2 * float((root**2).mean()) - 2 * tau * float(root.mean())) / about_mean)
    elif adjustment == "betalim":
        estimate, se = flat_slope, 1 / math.sqrt(float(((x - x.mean()) ** 2).sum()))
    else:
        estimate, se = float((limits * x**2).sum() / (x**2).sum()), 1 / math.sqrt(float((x**2).sum()))
    test = wald(np.array([estimate]), np.array([se]), None, level)
    q_residual = common.scale * (k - 2)
    return LimitMetaAnalysis(
        adjustment=adjustment,
        k=k,
        estimate=estimate,
        se=se,
        statistic=float(test.statistic[0]),
        p_value=float(test.p_value[0]),
        ci_lower=float(test.ci_lower[0]),
        ci_upper=float(test.ci_upper[0]),
        alpha=alpha,
        beta=beta,
        tau2=pooled.tau2,
        unadjusted=pooled.estimate,
        limit_yi=tuple(limits.tolist()),
        q=pooled.q,
        q_small=max(0.0, pooled.q - q_residual),
        q_small_p_value=chi_square_tail(max(0.0, pooled.q - q_residual), 1),
        q_residual=q_residual,
        q_residual_p_value=chi_square_tail(q_residual, k - 2),
        g2=g2,
    )


def _line_of_limits(y: Floats, x: Floats) -> tuple[float, float]:
    """Slope of the radial plot of the limits, and 100 (1 − R²) of it."""
    dx, dy = x - x.mean(), y - y.mean()
    slope = float(dx @ dy) / float(dx @ dx)
    residual = dy - slope * dx
    total = float(dy @ dy)
    return slope, 100 * float(residual @ residual) / total if total > 0 else math.nan


def _nothing(adjustment: str, k: int, tau2: float, unadjusted: float, q: float, reason: Message) -> LimitMetaAnalysis:
    nan = math.nan
    return LimitMetaAnalysis(
        adjustment=adjustment, k=k, estimate=nan, se=nan, statistic=nan, p_value=nan, ci_lower=nan, ci_upper=nan,
        alpha=nan, beta=nan, tau2=tau2, unadjusted=unadjusted, limit_yi=(), q=q, q_small=nan, q_small_p_value=nan,
        q_residual=nan, q_residual_p_value=nan, g2=nan, not_computed=reason,
    )  # fmt: skip
