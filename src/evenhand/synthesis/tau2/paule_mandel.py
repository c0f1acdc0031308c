"""Between-study variance by Paule and Mandel's moments, which are also Morris' empirical Bayes.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.one_variance_model import OneVarianceModel


def variance_where_q_is(target: float, model: OneVarianceModel) -> float:
    """The variance at which the generalised Q falls to `target`; 0 where it is below from the start."""
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        return model.at(tau2).q - target

    if excess(0.0) <= 0:
        return 0.0
    # Q ≤ RSS / (tau2 + min vi), so it is below the target from here on.
    crude = float(model.unweighted_residual @ model.unweighted_residual)
    top = 1.01 * crude / target
    return float(brentq(excess, 0.0, top, xtol=1e-300, rtol=1e-14, maxiter=300))


def paule_mandel(model: OneVarianceModel) -> float:
    """The variance at which Q equals its expectation, k − p."""
    return variance_where_q_is(float(model.df), model)


def _standard_error(model: NormalModel, tau2: float) -> float:
    """Viechtbauer (2005), for empirical Bayes: k √(2 / (k − p)) / Σw."""
    return model.k * math.sqrt(2.0 / model.df) / float(model.at(tau2).wi.sum())


PAULE_MANDEL = Estimator(
    name="PM",
    title="Paule–Mandel",
    reference="Paule & Mandel (1982). J. Res. Natl. Bur. Stand. 87, 377-385",
    estimate=paule_mandel,
    standard_error=_standard_error,
)
EMPIRICAL_BAYES = Estimator(
    name="EB",
    title="Empirical Bayes",
    reference="Morris (1983). J. Am. Statist. Assoc. 78, 47-55",
    estimate=paule_mandel,
    standard_error=_standard_error,
)
