"""The interval of the between-study variance that the likelihood does not reject.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import replace

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.bounds import Bounds
from evenhand.synthesis.tau2.one_variance import Likelihood, variance_scan


def profile_likelihood(model: NormalModel, likelihood: Likelihood, tau2: float, level: float) -> Bounds:
    """Where twice the log likelihood falls short of that at `tau2` by less than the χ² quantile.

    A likelihood with two peaks can leave two pieces; the interval reaches from the first to the end of the last. With
    weights of the user the coefficients stay as those have them.

    References
    ----------
    Hardy & Thompson (1996). Statist. Med. 15, 619-629.
    """
    from scipy.optimize import brentq
    from scipy.special import chdtri

    def log_at(variances: Floats) -> Floats:
        scan = model.scan(variances)
        if model.weights is not None:
            squares = model.weighted(model.weights).residual ** 2
            scan = replace(scan, q=(squares / (model.vi + variances[:, None])).sum(axis=1))
        return likelihood.log(model, scan)

    least = float(log_at(np.array([tau2]))[0]) - 0.5 * float(chdtri(1, 1.0 - level))

    def above(variance: float) -> float:
        return float(log_at(np.array([variance]))[0]) - least

    top = max(1.01 * likelihood.top(model), 4.0 * tau2, float(model.vi.min()))
    while above(top) >= 0:
        top *= 4.0
    scan = np.unique(np.append(variance_scan(model.vi, top), tau2))
    inside = np.flatnonzero(log_at(scan) >= least)
    first, last = int(inside[0]), int(inside[-1])

    def crossing(low: float, high: float) -> float:
        return float(brentq(above, low, high, xtol=1e-300, rtol=1e-13, maxiter=300))

    lower = 0.0 if first == 0 else crossing(scan[first - 1], scan[first])
    return Bounds(lower, crossing(scan[last], scan[last + 1]))
