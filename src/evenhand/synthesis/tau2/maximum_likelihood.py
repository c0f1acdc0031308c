"""Between-study variance by maximum likelihood.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import NormalModel, Scan
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.one_variance import Likelihood, highest_peak
from evenhand.synthesis.tau2.one_variance_model import OneVarianceModel


def _log(model: OneVarianceModel, scan: Scan) -> Floats:
    return -0.5 * (model.k * math.log(2 * math.pi) + scan.sum_log_variances + scan.q)


FULL = Likelihood(
    log=_log,
    slope=lambda scan: 0.5 * (scan.q2 - scan.sum_of_weights),
    slope_of_fit=lambda fit: 0.5 * float((fit.wi * fit.residual) @ (fit.wi * fit.residual) - fit.wi.sum()),
    # With e the unweighted residuals Σ w²r² ≤ Σ w e² / tau2, which is below Σ w from the largest e² on.
    top=lambda model: float(np.square(model.unweighted_residual).max()),
)


def log_likelihood(yi: Floats, vi: Floats, tau2: Floats, X: Floats | None = None) -> Floats:
    """Log likelihood with the coefficients at their best, for each variance in `tau2`, shape (q,)."""
    return FULL.at(NormalModel.of(yi, vi, X), tau2)


def maximum_likelihood(model: OneVarianceModel) -> float:
    """The variance at the likelihood's highest peak; exactly 0 where that is at the boundary."""
    return highest_peak(model, FULL)


def _standard_error(model: NormalModel, tau2: float) -> float:
    """From the expected information, Σw² / 2."""
    return math.sqrt(2.0 / float(np.sum((model.vi + tau2) ** -2)))


MAXIMUM_LIKELIHOOD = Estimator(
    name="ML",
    title="Maximum likelihood",
    reference="Hardy & Thompson (1996). Statist. Med. 15, 619-629",
    estimate=maximum_likelihood,
    standard_error=_standard_error,
    likelihood="full",
)
