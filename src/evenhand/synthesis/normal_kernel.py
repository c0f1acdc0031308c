"""The one kernel of every normal random-effects model: weighted least squares, given the between-study variance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats

_MOST_NUMBERS = 4_000_000  # of one intermediate array; a longer list of variances is worked off in parts


@dataclass(frozen=True, slots=True, eq=False)
class GivenTau2:
    """The pooled mean for each of q between-study variances; every array has shape (q,)."""

    mean: Floats  # weighted mean
    sum_of_weights: Floats  # its precision
    q: Floats  # weighted sum of squares about the mean
    sum_log_variances: Floats  # of the studies' total variances


def checked_studies(yi: Sequence[float] | Floats, vi: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    """The effects and their variances as arrays of shape (k,).

    Raises
    ------
    ValueError
        Naming study (counted from 0) and value, where lengths differ, there is no study, an effect is not finite or a
        variance not above 0.
    """
    effects = np.atleast_1d(np.asarray(yi, dtype=np.float64))
    variances = np.atleast_1d(np.asarray(vi, dtype=np.float64))
    if effects.ndim != 1 or effects.shape != variances.shape:
        raise ValueError(f"{effects.size} effects (yi) but {variances.size} variances (vi)")
    if effects.size == 0:
        raise ValueError("no study: nothing to pool")
    for i in np.flatnonzero(~np.isfinite(effects)):
        raise ValueError(f"yi[{i}] = {effects[i]}: an effect must be a finite number")
    for i in np.flatnonzero(~(np.isfinite(variances) & (variances > 0))):
        raise ValueError(f"vi[{i}] = {variances[i]}: a sampling variance must be finite and above 0")
    return effects, variances


def given_tau2(yi: Floats, vi: Floats, tau2: Floats) -> GivenTau2:
    """Weighted least squares for every variance in `tau2`, shape (q,)."""
    # About the first effect, so that effects far from 0 and close together keep their digits.
    about = float(yi[0])
    deviation = yi - about
    parts = []
    for chunk in np.array_split(tau2, max(1, -(-tau2.size * yi.size // _MOST_NUMBERS))):
        total = vi + chunk[:, None]
        wi = 1.0 / total
        sum_of_weights = wi.sum(axis=1)
        mean = (wi * deviation).sum(axis=1) / sum_of_weights
        q = (wi * (deviation - mean[:, None]) ** 2).sum(axis=1)
        parts.append((mean + about, sum_of_weights, q, np.log(total).sum(axis=1)))
    mean, sum_of_weights, q, sum_log_variances = (np.concatenate(column) for column in zip(*parts, strict=True))
    return GivenTau2(mean, sum_of_weights, q, sum_log_variances)


@dataclass(frozen=True, slots=True)
class Traces:
    """Traces of products of P = W − Wx(x'Wx)⁻¹x'W, x all ones, with V = diag(vi), in O(k)."""

    p: float  # tr P
    pp: float  # tr PP
    pv: float  # tr PV
    pvp: float  # tr PVP
    pvpv: float  # tr PVPV


def projection_traces(wi: Floats, vi: Floats) -> Traces:
    """Traces that the variances of moment estimators are made of, for weights `wi`, shape (k,)."""
    s1, s2, s3 = float(wi.sum()), float((wi**2).sum()), float((wi**3).sum())
    wv, w2v, w3v = float(wi @ vi), float(wi**2 @ vi), float(wi**3 @ vi)
    w2v2, w3v2 = float((wi * vi) @ (wi * vi)), float(wi**3 @ vi**2)
    return Traces(
        p=s1 - s2 / s1,
        pp=s2 - 2 * s3 / s1 + (s2 / s1) ** 2,
        pv=wv - w2v / s1,
        pvp=w2v - 2 * w3v / s1 + s2 * w2v / s1**2,
        pvpv=w2v2 - 2 * w3v2 / s1 + (w2v / s1) ** 2,
    )
