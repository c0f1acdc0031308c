"""Between-study variance by Hedges' unweighted moments.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.estimator import Estimator


def hedges(model: NormalModel) -> float:
    """Residual variance of the unweighted effects less what sampling puts into it, (RSS − tr PV) / (k − p)."""
    fit = model.weighted(np.ones(model.k))
    # A moment estimate can fall below zero; a variance cannot.
    return max(0.0, (fit.q - fit.trace(model.vi)) / model.df)


def _standard_error(model: NormalModel, tau2: float) -> float:
    """From the variance of the sum of squares, a quadratic form in normals."""
    fit = model.weighted(np.ones(model.k))
    spread = 2 * fit.trace_of_two(model.vi, model.vi) + 4 * tau2 * fit.trace(model.vi) + 2 * tau2**2 * model.df
    return math.sqrt(spread) / model.df


HEDGES = Estimator(
    name="HE",
    title="Hedges",
    reference="Hedges & Olkin (1985). Statistical Methods for Meta-Analysis, p. 194",
    estimate=hedges,
    standard_error=_standard_error,
)
