"""The likelihood of Copas' selection model: larger studies, and those with larger effects, are published more readily.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats

RHO_MOST = 0.9999  # at a correlation of 1 publication would be a certain function of the effect
_CURVATURE_LEAST = 1e-9  # of a direction, beside the most curved one, below which it is flat


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CopasPeak:
    """The likelihood's highest value found, and where."""

    mu: float
    rho: float
    tau2: float
    bias: float  # slope on the standard error left after selection; 0 where it was not asked for
    log_likelihood: float
    se_mu: float  # from the observed information; nan where the likelihood is flat towards mu
    converged: bool


def inverse_mills(u: Floats) -> Floats:
    """φ(u) / Φ(u), to its last digits however far u is below 0."""
    from scipy.special import erfcx

    return np.asarray(math.sqrt(2 / math.pi) / erfcx(-u / math.sqrt(2)))


def log_likelihood_and_slope(
    yi: Floats, vi: Floats, u: Floats, mu: float, rho: float, tau2: float, bias: float
) -> tuple[float, Floats]:
    """Log likelihood of k published studies, and its slope in mu, rho, tau2 and bias.

    Study i is published where u_i + delta_i > 0, with delta standard normal and of correlation rho with its sampling
    error. `vi` is the sampling variance of what was published; before selection it was sigma2.

    References
    ----------
    Copas & Shi (2000). Biostatistics 1, 247-262, p. 250; (2001). Stat. Methods Med. Res. 10, 251-265.
    """
    from scipy.special import log_ndtr

    mills = inverse_mills(u)
    shrink = mills * (u + mills)
    sigma2 = vi / (1 - shrink * rho**2)
    sigma = np.sqrt(sigma2)
    total = sigma2 + tau2
    rest = tau2 + sigma2 * (1 - rho**2)  # variance that is left given delta
    e = yi - mu - bias * np.sqrt(vi)
    scale = np.sqrt(total * rest)
    v = (u * total + rho * sigma * e) / scale
    log_lik = float((-0.5 * np.log(2 * math.pi * total) - e**2 / (2 * total) - log_ndtr(u) + log_ndtr(v)).sum())
    slope_v = inverse_mills(v)
    d_mu = e / total - slope_v * rho * sigma / scale
    about_total = -1 / (2 * total) + e**2 / (2 * total**2)
    d_tau2 = about_total + slope_v * (u / scale - v / 2 * (1 / total + 1 / rest))
    d_sigma2 = 2 * shrink * rho * sigma2**2 / vi
    d_rest = d_sigma2 * (1 - rho**2) - 2 * rho * sigma2
    d_above = u * d_sigma2 + (sigma + rho * d_sigma2 / (2 * sigma)) * e
    d_rho = about_total * d_sigma2 + slope_v * (d_above / scale - v / 2 * (d_sigma2 / total + d_rest / rest))
    d_bias = d_mu * np.sqrt(vi)
    return log_lik, np.array([d_mu.sum(), d_rho.sum(), d_tau2.sum(), d_bias.sum()])


def copas_peak(yi: Floats, vi: Floats, u: Floats, *, with_bias: bool = False) -> CopasPeak:
    """Maximise over mu, rho in ±0.9999, tau2 ≥ 0 (and bias), from several starts; all arrays of shape (k,)."""
    from scipy.optimize import minimize

    unit = math.sqrt(float(np.median(vi) + np.var(yi)))
    about = float((yi / vi).sum() / (1 / vi).sum())
    y, v = (yi - about) / unit, vi / unit**2
    free = 4 if with_bias else 3

    def objective(x: Floats) -> tuple[float, Floats]:
        log_lik, slope = log_likelihood_and_slope(y, v, u, x[0], x[1], x[2], x[3] if with_bias else 0.0)
        return -log_lik, -slope[:free]

    bounds = [(None, None), (-RHO_MOST, RHO_MOST), (0.0, None), (None, None)][:free]
    spread = max(1e-3, float(np.var(y)))
    best = None
    for rho in (0.0, -0.9, 0.9):
        for tau2 in (0.01 * spread, spread):
            start = np.array([0.0, rho, tau2, 0.0])[:free]
            found = minimize(
                objective, start, jac=True, method="L-BFGS-B", bounds=bounds,
                options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500},
            )  # fmt: skip
            if best is None or found.fun < best.fun - 1e-12:
                best = found
    assert best is not None  # noqa: S101  # there are starts
    x = np.asarray(best.x)
    inside = _inside(x, objective(x)[1], free)
    gradient = float(np.abs(objective(x)[1][inside]).max(initial=0.0))
    return CopasPeak(
        mu=about + unit * float(x[0]),
        rho=float(x[1]),
        tau2=unit**2 * float(x[2]),
        bias=float(x[3]) if with_bias else 0.0,
        log_likelihood=-float(best.fun) - yi.size * math.log(unit),
        se_mu=unit * _standard_error(lambda at: objective(at)[1], x, inside),
        converged=gradient <= 1e-4 * max(1.0, math.sqrt(yi.size)),
    )


def _inside(x: Floats, slope: Floats, free: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Which parameters are not held by their bounds."""
    held = np.zeros(free, dtype=bool)
    held[1] = abs(x[1]) >= RHO_MOST * (1 - 1e-9)
    held[2] = x[2] <= 1e-12 and slope[2] >= 0
    return np.asarray(~held)


def _standard_error(
    slope: Callable[[Floats], Floats], x: Floats, inside: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
) -> float:
    """Of the first parameter, from differences of the slope over the parameters that are free to move.

    Where nothing is selected, rho leaves no trace: such a flat direction is left out, unless mu itself moves along it.
    """
    which = np.flatnonzero(inside)
    curvature = np.empty((which.size, which.size))
    for row, j in enumerate(which):
        ahead, behind = x.copy(), x.copy()
        step = 1e-5 * max(1.0, abs(float(x[j])))
        ahead[j] += step
        # One step to each side, or two points ahead where the other would be past the bound.
        if j == 2:
            behind[j] = max(0.0, behind[j] - step)
        else:
            behind[j] -= step
        curvature[row] = (slope(ahead) - slope(behind))[which] / (ahead[j] - behind[j])
    values, directions = np.linalg.eigh((curvature + curvature.T) / 2)
    curved = values > _CURVATURE_LEAST * values.max(initial=0.0)
    if np.any(np.abs(directions[0, ~curved]) > 1e-4) or not curved.any():
        return math.nan
    return math.sqrt(float((directions[0, curved] ** 2 / values[curved]).sum()))
