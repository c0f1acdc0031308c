"""What each study has left over and what is best believed of it: residuals and best linear predictions of a fit.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import LinearFit, checked_fit
from evenhand.synthesis.wald import quantile

_ROUNDED = 1e-14  # a share of its variance that only rounding leaves a residual


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residuals:
    """Every array has shape (k,)."""

    residual: Floats  # effect − fitted
    se: Floats  # 0 where a study fits itself alone
    standardised: Floats  # internally studentised; nan where se is 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BestPredictions:
    """Each study's true effect: its own estimate drawn towards the model. Every array has shape (k,)."""

    effect: Floats
    se: Floats
    lower: Floats
    upper: Floats


def standardised_residuals(fit: LinearFit) -> Residuals:
    """Residuals over their standard errors, the square roots of the diagonal of (I − H) M (I − H)', M = V + tau2 I.

    References
    ----------
    Viechtbauer & Cheung (2010). Res. Synth. Methods 1, 112-125.
    """
    checked_fit(fit)
    total = fit.vi + fit.tau2
    if fit.user_weights is None:
        # HM is symmetrical here, and 1 − h is exact where it is nearly 0.
        variance = total * fit.model().at(fit.tau2).free
    else:
        # The covariance before any test's scale: scale is that of the inverse-variance residuals.
        covariance = fit.covariance / fit.scale if fit.scale > 0 else np.zeros_like(fit.covariance)
        spread = np.einsum("ij,jl,il->i", fit.X, covariance, fit.X)
        share = 1.0 - 2.0 * fit.hat + spread / total
        variance = np.where(share > _ROUNDED, share * total, 0.0)
    residual, se = fit.yi - fit.fitted, np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        standardised = np.where(se > 0, residual / se, np.nan)
    return Residuals(residual=residual, se=se, standardised=standardised)


def best_predictions(fit: LinearFit, *, level: float | None = None) -> BestPredictions:
    """Best linear unbiased predictions of the studies' true effects.

    Each is tau2 / (tau2 + vi) its own estimate, and for the rest the model's; its variance is that share of vi and,
    squared, the rest's share of the fitted value's.

    References
    ----------
    Raudenbush & Bryk (1985). J. Educ. Stat. 10, 75-98.
    """
    checked_fit(fit)
    own = fit.tau2 / (fit.tau2 + fit.vi)
    effect = own * fit.yi + (1.0 - own) * fit.fitted
    of_fitted = np.einsum("ij,jl,il->i", fit.X, fit.covariance, fit.X)
    se = np.sqrt(own * fit.vi + (1.0 - own) ** 2 * of_fitted)
    half = quantile(fit.level if level is None else level, fit.df) * se
    return BestPredictions(effect=effect, se=se, lower=effect - half, upper=effect + half)
