"""The largest value of a likelihood in one variance, found by bracketing and never by luck.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Fisher scoring, which most programs use here, cycles or stops short on some data sets. A likelihood in one variance can
have more than one peak, so its slope is scanned over every scale on which it can change, each fall through zero is
closed in on, and the highest peak wins, 0 among them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import Scan
from evenhand.synthesis.tau2.one_variance_model import OneVarianceFit, OneVarianceModel

# Of the scan: between the smallest sampling variance and the top the slope, a rational function with its poles at −vi,
# is smooth in log tau2 on a scale of π; below a quarter of that variance it is nearly a straight line in tau2.
_RATIO = 1.25
_NEAR_ZERO = np.array([0.0, 1 / 64, 1 / 16, 1 / 8])


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """A log likelihood of tau2 with the coefficients at their best, and its slope."""

    log: Callable[[OneVarianceModel, Scan], Floats]  # shape (q,)
    slope: Callable[[Scan], Floats]  # shape (q,)
    slope_of_fit: Callable[[OneVarianceFit], float]
    top: Callable[[OneVarianceModel], float]  # a variance from which on it falls

    def at(self, model: OneVarianceModel, tau2: Floats) -> Floats:
        """Its value for each variance in `tau2`, shape (q,)."""
        return self.log(model, model.scan(tau2))


def variance_scan(vi: Floats, top: float) -> Floats:
    """Variances from 0 to `top`, close enough together to tell the peaks of a likelihood apart."""
    if top <= 0.0:
        return np.zeros(1)
    low = min(0.25 * float(vi.min()), top)
    steps = max(1, math.ceil(math.log(top / low) / math.log(_RATIO)))
    return np.concatenate([low * _NEAR_ZERO, np.geomspace(low, top, steps + 1)])


def peaks(model: OneVarianceModel, likelihood: Likelihood) -> Floats:
    """The variances at which the likelihood peaks, 0 among them whether or not it does there."""
    from scipy.optimize import brentq

    scan = variance_scan(model.vi, 1.01 * likelihood.top(model))
    slopes = likelihood.slope(model.scan(scan))
    falls = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))

    def slope_at(tau2: float) -> float:
        return likelihood.slope_of_fit(model.at(tau2))

    found = []
    for i in falls:
        low, high = float(scan[i]), float(scan[i + 1])
        # The scan and the single fit round differently: a slope of 0 to rounding at an end is the peak itself.
        if slope_at(low) <= 0:
            found.append(low)
        elif slope_at(high) >= 0:
            found.append(high)
        else:
            found.append(brentq(slope_at, low, high, xtol=1e-300, rtol=1e-14, maxiter=300))
    return np.array([0.0, *found])


def highest_peak(model: OneVarianceModel, likelihood: Likelihood) -> float:
    """The variance at which the likelihood is highest; exactly 0 where that is at the boundary."""
    candidates = peaks(model, likelihood)
    if candidates.size == 1:
        return 0.0
    return float(candidates[int(np.argmax(likelihood.at(model, candidates)))])
