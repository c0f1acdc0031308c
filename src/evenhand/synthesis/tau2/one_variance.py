"""The largest value of a likelihood in one variance, found by bracketing and never by luck.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Fisher scoring, which most programs use here, cycles or stops short on some data sets. A likelihood in one variance can
have more than one peak, so its slope is scanned over every scale on which it can change, each fall through zero is
closed in on, and the highest peak wins, 0 among them.
"""

from collections.abc import Callable

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import given_tau2

_POINTS = 160


def variance_scan(yi: Floats, vi: Floats) -> Floats:
    """Variances from 0 to beyond which no likelihood rises, close enough together to tell its peaks apart.

    With all w_i ≤ 1/tau2, the slope of either likelihood is below 0 from the squared range of the effects on.
    """
    top = 1.01 * float(np.ptp(yi)) ** 2
    bottom = 1e-4 * min(float(vi.min()), top)
    return np.array([0.0]) if top == 0.0 else np.concatenate([[0.0], np.geomspace(bottom, top, _POINTS)])


def highest_peak(log_likelihood: Callable[[Floats], Floats], slope: Callable[[Floats], Floats], scan: Floats) -> float:
    """The variance at which `log_likelihood` is highest; both functions take and give shape (q,)."""
    from scipy.optimize import brentq

    slopes = slope(scan)
    falls = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))

    def slope_at(tau2: float) -> float:
        return float(slope(np.array([tau2]))[0])

    peaks = [brentq(slope_at, scan[i], scan[i + 1], xtol=1e-300, rtol=1e-14, maxiter=300) for i in falls]
    candidates = np.array([0.0, *peaks])
    return float(candidates[int(np.argmax(log_likelihood(candidates)))])


def slope_parts(yi: Floats, vi: Floats, tau2: Floats) -> tuple[Floats, Floats, Floats]:
    """Σw, Σw² and Σw²(y − mean)² for each variance in `tau2`, shape (q,): what the likelihoods' slopes are made of."""
    about = float(yi[0])
    wi = 1.0 / (vi + tau2[:, None])
    residual = (yi - about) - (given_tau2(yi, vi, tau2).mean - about)[:, None]
    return wi.sum(axis=1), (wi**2).sum(axis=1), ((wi * residual) ** 2).sum(axis=1)
