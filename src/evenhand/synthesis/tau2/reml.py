"""Between-study variance by restricted maximum likelihood.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import given_tau2, projection_traces
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.one_variance import highest_peak, slope_parts, variance_scan


def restricted_log_likelihood(yi: Floats, vi: Floats, tau2: Floats) -> Floats:
    """Restricted log likelihood for each variance in `tau2`, shape (q,).

    With the term ½ log|X'X| = ½ log k, which makes it the density of error contrasts of length 1 (Harville 1974,
    Biometrika 61, 383-385).
    """
    fit = given_tau2(yi, vi, tau2)
    constant = (yi.size - 1) * math.log(2 * math.pi) - math.log(yi.size)
    return -0.5 * (constant + fit.sum_log_variances + np.log(fit.sum_of_weights) + fit.q)


def _slope(yi: Floats, vi: Floats, tau2: Floats) -> Floats:
    s1, s2, r2 = slope_parts(yi, vi, tau2)
    return 0.5 * (r2 - (s1 - s2 / s1))


def restricted_maximum_likelihood(yi: Floats, vi: Floats) -> float:
    """The variance at the restricted likelihood's highest peak; exactly 0 where that is at the boundary."""
    return highest_peak(
        lambda tau2: restricted_log_likelihood(yi, vi, tau2),
        lambda tau2: _slope(yi, vi, tau2),
        variance_scan(yi, vi),
    )


def _standard_error(_yi: Floats, vi: Floats, tau2: float) -> float:
    """From the expected information, tr(PP) / 2."""
    return math.sqrt(2.0 / projection_traces(1.0 / (vi + tau2), vi).pp)


REML = Estimator(
    name="REML",
    title="Restricted maximum likelihood",
    reference="Viechtbauer (2005). J. Educ. Behav. Stat. 30, 261-293",
    tau2=restricted_maximum_likelihood,
    se_tau2=_standard_error,
    likelihood="restricted",
)
