"""Between-study variance as Hunter and Schmidt have it, and with its correction for few studies.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import given_tau2, projection_traces
from evenhand.synthesis.tau2.estimator import Estimator


def hunter_schmidt(yi: Floats, vi: Floats) -> float:
    """(Q − k) / Σw, with w = 1/vi."""
    q = float(given_tau2(yi, vi, np.zeros(1)).q[0])
    # A moment estimate can fall below zero; a variance cannot.
    return max(0.0, (q - yi.size) / float(np.sum(1.0 / vi)))


def corrected_hunter_schmidt(yi: Floats, vi: Floats) -> float:
    """(Q k / (k − 1) − k) / Σw."""
    q = float(given_tau2(yi, vi, np.zeros(1)).q[0])
    k = yi.size
    return max(0.0, (q * k / (k - 1) - k) / float(np.sum(1.0 / vi)))


def _standard_error(_yi: Floats, vi: Floats, tau2: float) -> float:
    traces = projection_traces(1.0 / vi, vi)
    spread = 2 * (vi.size - 1) + 4 * tau2 * traces.p + 2 * tau2**2 * traces.pp
    return math.sqrt(spread) / float(np.sum(1.0 / vi))


def _corrected_standard_error(yi: Floats, vi: Floats, tau2: float) -> float:
    return _standard_error(yi, vi, tau2) * vi.size / (vi.size - 1)


HUNTER_SCHMIDT = Estimator(
    name="HS",
    title="Hunter–Schmidt",
    reference="Hunter & Schmidt (1990). Methods of Meta-Analysis; Viechtbauer (2005)",
    tau2=hunter_schmidt,
    se_tau2=_standard_error,
)
CORRECTED_HUNTER_SCHMIDT = Estimator(
    name="HSk",
    title="Hunter–Schmidt, corrected for few studies",
    reference="Brannick, Potter, Benitez & Morris (2019). J. Appl. Psychol. 104, 1404-1420",
    tau2=corrected_hunter_schmidt,
    se_tau2=_corrected_standard_error,
)
