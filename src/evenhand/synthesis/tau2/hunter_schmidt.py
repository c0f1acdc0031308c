"""Between-study variance as Hunter and Schmidt have it, and with its correction for few studies.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.estimator import Estimator


def hunter_schmidt(model: NormalModel) -> float:
    """(Q − k) / Σw, with w = 1/vi."""
    fit = model.at(0.0)
    # A moment estimate can fall below zero; a variance cannot.
    return max(0.0, (fit.q - model.k) / float(fit.wi.sum()))


def corrected_hunter_schmidt(model: NormalModel) -> float:
    """(Q k / (k − p) − k) / Σw."""
    fit = model.at(0.0)
    return max(0.0, (fit.q * model.k / model.df - model.k) / float(fit.wi.sum()))


def _standard_error(model: NormalModel, tau2: float) -> float:
    fit = model.at(0.0)
    spread = 2 * model.df + 4 * tau2 * fit.trace(fit.wi) + 2 * tau2**2 * fit.trace_of_two(fit.wi, fit.wi)
    return math.sqrt(spread) / float(fit.wi.sum())


def _corrected_standard_error(model: NormalModel, tau2: float) -> float:
    return _standard_error(model, tau2) * model.k / model.df


HUNTER_SCHMIDT = Estimator(
    name="HS",
    title="Hunter–Schmidt",
    reference="Hunter & Schmidt (1990). Methods of Meta-Analysis; Viechtbauer (2005)",
    estimate=hunter_schmidt,
    standard_error=_standard_error,
)
CORRECTED_HUNTER_SCHMIDT = Estimator(
    name="HSk",
    title="Hunter–Schmidt, corrected for few studies",
    reference="Brannick, Potter, Benitez & Morris (2019). J. Appl. Psychol. 104, 1404-1420",
    estimate=corrected_hunter_schmidt,
    standard_error=_corrected_standard_error,
)
