"""Between-study variance by Paule and Mandel's moments, which are also Morris' empirical Bayes.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import given_tau2
from evenhand.synthesis.tau2.estimator import Estimator


def variance_where_q_is(target: float, yi: Floats, vi: Floats) -> float:
    """The variance at which the generalised Q falls to `target`; 0 where it is below from the start."""
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        return float(given_tau2(yi, vi, np.array([tau2])).q[0]) - target

    if excess(0.0) <= 0:
        return 0.0
    # Q ≤ Σ(y − mean)² / tau2, so it is below the target from here on.
    top = 1.01 * float(np.var(yi)) * yi.size / target
    return float(brentq(excess, 0.0, top, xtol=1e-300, rtol=1e-14, maxiter=300))


def paule_mandel(yi: Floats, vi: Floats) -> float:
    """The variance at which Q equals its expectation, k − 1."""
    return variance_where_q_is(yi.size - 1.0, yi, vi)


def _standard_error(_yi: Floats, vi: Floats, tau2: float) -> float:
    """Viechtbauer (2005), for empirical Bayes: k √(2 / (k − 1)) / Σw."""
    k = vi.size
    return k * math.sqrt(2.0 / (k - 1)) / float(np.sum(1.0 / (vi + tau2)))


PAULE_MANDEL = Estimator(
    name="PM",
    title="Paule–Mandel",
    reference="Paule & Mandel (1982). J. Res. Natl. Bur. Stand. 87, 377-385",
    tau2=paule_mandel,
    se_tau2=_standard_error,
)
EMPIRICAL_BAYES = Estimator(
    name="EB",
    title="Empirical Bayes",
    reference="Morris (1983). J. Am. Statist. Assoc. 78, 47-55",
    tau2=paule_mandel,
    se_tau2=_standard_error,
)
