"""Copas' selection model: the effect for each degree of selection that one may suspect.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

How readily studies are published cannot be estimated from those that were, so that the answer is a curve: the effect
against the chance that a study as small as the smallest is published.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.messages import Message, message
from evenhand.synthesis.normal_kernel import checked_studies
from evenhand.synthesis.reporting_bias.copas_likelihood import copas_peak
from evenhand.synthesis.wald import chi_square_tail, wald

SUSPECTED = (0.99, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopasFit:
    """The effect for one degree of selection."""

    gamma0: float  # a study of standard error s is published where gamma0 + gamma1 / s + a normal number is above 0
    gamma1: float
    published_least: float  # chance that the least precise study is published
    published_most: float  # that the most precise one is
    unpublished: float  # studies, expected
    k: int
    estimate: float
    se: float
    statistic: float
    p_value: float
    ci_lower: float
    ci_upper: float
    rho: float  # correlation of a study's error with its being published, −0.9999 to 0.9999
    tau2: float
    log_likelihood: float
    bias_p_value: float  # of no small-study effect being left
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CopasSensitivity:
    """The effect from hardly any selection to much, and the least that would explain the asymmetry."""

    fits: tuple[CopasFit, ...]  # in falling order of the smallest study's chance
    adjusted: CopasFit | None  # the least selection that leaves no small-study effect; None where none does
    alpha: float  # level of that judgement
    not_computed: Message | None = None  # why there is no fit


def copas_fit(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    gamma0: float,
    gamma1: float,
    level: float = 0.95,
) -> CopasFit:
    """Fit the model for one degree of selection, by maximum likelihood.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    gamma0, gamma1 : float
        A study of standard error s is published with chance Φ(gamma0 + gamma1 / s), more readily the more its error
        goes along (rho).
    level : float
        Of the interval, which is normal.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used.

    References
    ----------
    Copas & Shi (2000). Biostatistics 1, 247-262; (2001). Stat. Methods Med. Res. 10, 251-265.
    """
    effects, variances = checked_studies(yi, vi)
    for name, value in (("gamma0", gamma0), ("gamma1", gamma1)):
        if not math.isfinite(value):
            raise ValueError(f"{name} = {value}: it must be a finite number")
    return _fit(effects, variances, gamma0, gamma1, level)


def copas_sensitivity(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    published_least: Sequence[float] = SUSPECTED,
    published_most: float = 0.99,
    alpha: float = 0.10,
    level: float = 0.95,
) -> CopasSensitivity:
    """Fit the model along a path of growing selection.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects on the analysis scale and their sampling variances (> 0).
    published_least : sequence of float
        Chances that the least precise study is published, each above 0 and at most `published_most`.
    published_most : float
        That the most precise one is, along the whole path.
    alpha : float
        The adjusted fit is that of the least selection whose test of a small-study effect being left has a p-value of
        `alpha` or more.
    level : float
        Of the intervals.

    Returns
    -------
    CopasSensitivity
        Without fits where there are fewer than 3 studies.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be used.

    References
    ----------
    Carpenter, Schwarzer, Rücker & Künstler (2009). J. Clin. Epidemiol. 62, 624-631, for the choice of the adjusted fit.
    """
    effects, variances = checked_studies(yi, vi)
    for name, chance in (("published_most", published_most), ("alpha", alpha)):
        if not 0 < chance < 1:
            raise ValueError(f"{name} = {chance}: it lies between 0 and 1")
    for i, chance in enumerate(published_least):
        if not 0 < chance <= published_most:
            raise ValueError(f"published_least[{i}] = {chance}: it lies above 0 and not above {published_most}")
    if effects.size < 3:
        reason = message("bias.none.few_studies", k=effects.size, least=3)
        return CopasSensitivity(fits=(), adjusted=None, alpha=alpha, not_computed=reason)

    def at(least: float) -> CopasFit:
        return _fit(effects, variances, *_gammas(variances, least, published_most), level)

    fits = tuple(at(chance) for chance in sorted(published_least, reverse=True))
    first = next((i for i, fit in enumerate(fits) if fit.bias_p_value >= alpha), None)
    adjusted = None if first is None else fits[first]
    if first:
        # Between the last fit that leaves a small-study effect and the first that does not.
        leaves, explains = fits[first - 1].published_least, fits[first].published_least
        while leaves - explains > 1e-3:
            middle = at((leaves + explains) / 2)
            if middle.bias_p_value >= alpha:
                adjusted, explains = middle, middle.published_least
            else:
                leaves = middle.published_least
    return CopasSensitivity(fits=fits, adjusted=adjusted, alpha=alpha)


def _gammas(vi: Floats, least: float, most: float) -> tuple[float, float]:
    """The line through the chances of the least and of the most precise study."""
    from scipy.special import ndtri

    precision = 1 / np.sqrt(vi)
    low, high = float(precision.min()), float(precision.max())
    if high - low <= 1e-10 * high:
        return float(ndtri(least)), 0.0
    gamma1 = float(ndtri(most) - ndtri(least)) / (high - low)
    return float(ndtri(least)) - gamma1 * low, gamma1


def _fit(yi: Floats, vi: Floats, gamma0: float, gamma1: float, level: float) -> CopasFit:
    from scipy.special import ndtr

    u = gamma0 + gamma1 / np.sqrt(vi)
    peak = copas_peak(yi, vi, u)
    with_bias = copas_peak(yi, vi, u, with_bias=True)
    test = wald(np.array([peak.mu]), np.array([peak.se_mu]), None, level)
    published = np.asarray(ndtr(u))
    return CopasFit(
        gamma0=gamma0,
        gamma1=gamma1,
        published_least=float(published[np.argmax(vi)]),
        published_most=float(published[np.argmin(vi)]),
        unpublished=float((np.asarray(ndtr(-u)) / published).sum()),
        k=yi.size,
        estimate=peak.mu,
        se=peak.se_mu,
        statistic=float(test.statistic[0]),
        p_value=float(test.p_value[0]),
        ci_lower=float(test.ci_lower[0]),
        ci_upper=float(test.ci_upper[0]),
        rho=peak.rho,
        tau2=peak.tau2,
        log_likelihood=peak.log_likelihood,
        bias_p_value=chi_square_tail(max(0.0, 2 * (with_bias.log_likelihood - peak.log_likelihood)), 1),
        converged=peak.converged and with_bias.converged,
    )
