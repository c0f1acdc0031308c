"""Between-study variance by restricted maximum likelihood.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import NormalModel, Scan
from evenhand.synthesis.tau2.estimator import Estimator
from evenhand.synthesis.tau2.one_variance import Likelihood, highest_peak
from evenhand.synthesis.tau2.one_variance_model import OneVarianceFit, OneVarianceModel


def _log(model: OneVarianceModel, scan: Scan) -> Floats:
    """With the term ½ log|X'X|: the density of error contrasts of length 1 (Harville 1974, Biometrika 61, 383-385)."""
    constant = model.df * math.log(2 * math.pi) - model.log_det_gram
    return -0.5 * (constant + scan.sum_log_variances + scan.log_det_precision + scan.q)


def _slope_of_fit(fit: OneVarianceFit) -> float:
    weighted = fit.wi * fit.residual
    return 0.5 * (float(weighted @ weighted) - fit.trace(fit.wi))


def _top(model: OneVarianceModel) -> float:
    """A variance t from which on the restricted likelihood falls.

    With error contrasts K'y, K'K = I, y'PPy ≤ y'Py / (t + min vi) ≤ RSS / (t + min vi)², which is below
    tr P ≥ (k − p) / (t + max vi) where (k − p)(t + min vi)² ≥ RSS (t + max vi).
    """
    low, high = float(model.vi.min()), float(model.vi.max())
    crude = float(model.unweighted_residual @ model.unweighted_residual) / model.df
    # In u = t + min vi: u² − crude·u − crude·(high − low) ≥ 0.
    return max(0.0, 0.5 * (crude + math.sqrt(crude**2 + 4 * crude * (high - low))) - low)


RESTRICTED = Likelihood(
    log=_log,
    slope=lambda scan: 0.5 * (scan.q2 - scan.trace),
    slope_of_fit=_slope_of_fit,
    top=_top,
)


def restricted_log_likelihood(yi: Floats, vi: Floats, tau2: Floats, X: Floats | None = None) -> Floats:
    """Restricted log likelihood for each variance in `tau2`, shape (q,)."""
    return RESTRICTED.at(NormalModel.of(yi, vi, X), tau2)


def restricted_maximum_likelihood(model: OneVarianceModel) -> float:
    """The variance at the restricted likelihood's highest peak; exactly 0 where that is at the boundary."""
    return highest_peak(model, RESTRICTED)


def _standard_error(model: NormalModel, tau2: float) -> float:
    """From the expected information, tr(PP) / 2."""
    fit = model.at(tau2)
    return math.sqrt(2.0 / fit.trace_of_two(fit.wi, fit.wi))


REML = Estimator(
    name="REML",
    title="Restricted maximum likelihood",
    reference="Viechtbauer (2005). J. Educ. Behav. Stat. 30, 261-293",
    estimate=restricted_maximum_likelihood,
    standard_error=_standard_error,
    likelihood="restricted",
)
