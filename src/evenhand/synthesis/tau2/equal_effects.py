"""Equal effects: one true effect, no between-study variance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.estimator import Estimator


def no_variance(_model: NormalModel) -> float:
    """Zero, by assumption."""
    return 0.0


def _no_standard_error(_model: NormalModel, _tau2: float) -> float:
    return math.nan


EQUAL_EFFECTS = Estimator(
    name="EE",
    title="Equal effects",
    reference="Woolf (1955). Ann. Hum. Genet. 19, 251-253",
    estimate=no_variance,
    standard_error=_no_standard_error,
    likelihood="full",
)
