"""The equal-effects estimate with an interval that heterogeneity and small-study bias harm less: Henmi and Copas.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.normal_kernel import NormalModel

_NODES = 24
_FIRST = 1 / 32  # width of the first panel of r, as a share of its start
_END = 10.0  # sds of R beyond which nothing is left


@dataclass(frozen=True, slots=True, kw_only=True)
class HenmiCopas:
    """Weights 1 / vi, whose precise studies suffer least from what went unpublished; the error keeps tau2."""

    estimate: float  # analysis scale
    se: float
    ci_lower: float
    ci_upper: float
    tau2: float  # DerSimonian–Laird
    level: float
    k: int
    multiplier: float  # of the standard error; nan with one study


def henmi_copas_estimate(
    yi: Sequence[float] | Floats, vi: Sequence[float] | Floats, *, level: float = 0.95
) -> HenmiCopas:
    """Pool with equal-effects weights; the interval allows for tau2 and estimate being random together.

    With R = √Σw (mean − true mean), w = 1 / vi, and Q given R = r taken as gamma with its exact mean and variance, the
    multiplier u solves P(R > u √(1 + tau2 Σw²/Σw)) = (1 − level) / 2, tau2 itself being a function of Q.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    level : float
        Of the interval; with one study it is the normal one.

    References
    ----------
    Henmi & Copas (2010). Statist. Med. 29, 2969-2983.
    """
    fit = fit_linear(yi, vi, method="DL", test="z", level=level)
    weighted = fit_linear(yi, vi, method="DL", test="z", level=level, weights=1.0 / fit.vi)
    estimate, se = float(weighted.beta[0]), float(weighted.se[0])
    multiplier = _multiplier(fit.yi, fit.vi, fit.tau2, level) if fit.k > 1 else math.nan
    half = multiplier * se if fit.k > 1 else estimate - float(weighted.ci_lower[0])
    return HenmiCopas(
        estimate=estimate,
        se=se,
        ci_lower=estimate - half,
        ci_upper=estimate + half,
        tau2=fit.tau2,
        level=level,
        k=fit.k,
        multiplier=multiplier,
    )


def _multiplier(yi: Floats, vi: Floats, tau2: float, level: float) -> float:
    from scipy.optimize import brentq
    from scipy.special import gammainc, ndtri

    common = NormalModel.of(yi, vi).at(0.0)
    wi = common.wi
    w1 = float(wi.sum())
    mean_weight = float(wi @ wi) / w1
    spread = 1.0 + tau2 * mean_weight  # variance of R
    # With y ~ N(true, V + tau2 I), A = W − ww'/Σw and c the covariance of y and R, a = Ac; given R = r the mean of y
    # moves by c r/spread, its covariance loses cc'/spread, and Q = y'Ay has the moments of a quadratic form in normals.
    total = wi * (vi + tau2)
    c = total / math.sqrt(w1)
    a = wi * tau2 * (wi - mean_weight) / math.sqrt(w1)
    c_a_c, a_a = float(c @ a), float(a @ (a * (vi + tau2)))
    mean_of_q = common.trace(total)
    variance_of_q = 2.0 * common.trace_of_two(total, total)

    def chance_of_q_below(q: Floats, r: Floats) -> Floats:
        """P(Q ≤ q | R = r)."""
        away = (r / spread) ** 2
        mean = mean_of_q + c_a_c * (away - 1.0 / spread)
        variance = (
            variance_of_q - 4.0 * a_a / spread + 2.0 * (c_a_c / spread) ** 2 + 4.0 * away * (a_a - c_a_c**2 / spread)
        )
        chance: Floats = gammainc(mean**2 / variance, np.maximum(q, 0.0) * mean / variance)
        return chance

    df = vi.size - 1
    per_tau2 = common.trace(wi)  # Q − df over this is tau2
    sd = math.sqrt(spread)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)

    def upper_tail(u: float) -> float:
        """P(R > u √(1 + tau2(Q) Σw²/Σw)): over r > u, the chance that Q leaves the root below r / u."""
        # Doubling away from u, on whose scale tau2(Q) changes, up to where the normal density ends.
        steps = math.ceil(math.log2(_END * sd / (_FIRST * u)))
        edges = u * (1.0 + _FIRST * np.concatenate([[0.0], 2.0 ** np.arange(max(1, steps) + 1)]))
        middle, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * np.diff(edges)
        r = (middle[:, None] + half[:, None] * nodes).ravel()
        density = np.exp(-0.5 * r**2 / spread) / (sd * math.sqrt(2.0 * math.pi))
        q = df + per_tau2 / mean_weight * ((r / u) ** 2 - 1.0)
        return float((chance_of_q_below(q, r) * density) @ (half[:, None] * weights).ravel())

    tail = 0.5 * (1.0 - level)
    # The root is at least 1, so that u is at most the quantile of R itself.
    high = low = -float(ndtri(tail)) * sd
    while upper_tail(low) <= tail:
        low *= 0.25
    if low == high:
        return low
    return float(brentq(lambda u: upper_tail(u) - tail, low, high, xtol=1e-300, rtol=1e-13, maxiter=1000))
