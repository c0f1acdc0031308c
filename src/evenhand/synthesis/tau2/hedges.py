"""Between-study variance by Hedges' unweighted moments.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import projection_traces
from evenhand.synthesis.tau2.estimator import Estimator


def hedges(yi: Floats, vi: Floats) -> float:
    """Sample variance of the effects less the mean sampling variance."""
    # A moment estimate can fall below zero; a variance cannot.
    return max(0.0, float(np.var(yi, ddof=1) - vi.mean()))


def _standard_error(_yi: Floats, vi: Floats, tau2: float) -> float:
    """From the variance of the sum of squares, a quadratic form in normals."""
    traces = projection_traces(np.ones_like(vi), vi)
    df = vi.size - 1
    return math.sqrt(2 * traces.pvpv + 4 * tau2 * traces.pv + 2 * tau2**2 * df) / df


HEDGES = Estimator(
    name="HE",
    title="Hedges",
    reference="Hedges & Olkin (1985). Statistical Methods for Meta-Analysis, p. 194",
    tau2=hedges,
    se_tau2=_standard_error,
)
