"""Between-study variance by maximum likelihood.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import given_tau2
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.one_variance import highest_peak, slope_parts, variance_scan


def log_likelihood(yi: Floats, vi: Floats, tau2: Floats) -> Floats:
    """Log likelihood with the mean at its best, for each variance in `tau2`, shape (q,)."""
    fit = given_tau2(yi, vi, tau2)
    return -0.5 * (yi.size * math.log(2 * math.pi) + fit.sum_log_variances + fit.q)


def _slope(yi: Floats, vi: Floats, tau2: Floats) -> Floats:
    s1, _, r2 = slope_parts(yi, vi, tau2)
    return 0.5 * (r2 - s1)


def maximum_likelihood(yi: Floats, vi: Floats) -> float:
    """The variance at the likelihood's highest peak; exactly 0 where that is at the boundary."""
    return highest_peak(
        lambda tau2: log_likelihood(yi, vi, tau2), lambda tau2: _slope(yi, vi, tau2), variance_scan(yi, vi)
    )


def _standard_error(_yi: Floats, vi: Floats, tau2: float) -> float:
    """From the expected information, Σw² / 2."""
    return math.sqrt(2.0 / float(np.sum((vi + tau2) ** -2)))


MAXIMUM_LIKELIHOOD = Estimator(
    name="ML",
    title="Maximum likelihood",
    reference="Hardy & Thompson (1996). Statist. Med. 15, 619-629",
    tau2=maximum_likelihood,
    se_tau2=_standard_error,
    likelihood="full",
)
