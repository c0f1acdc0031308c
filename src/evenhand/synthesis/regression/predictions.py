"""The mean effect that a regression predicts, and where a new study's true effect lies, at given moderators.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.linear_fit import LinearFit
from evenhand.synthesis.wald import check_level, quantile

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """Predictions for m settings; every array has shape (m,), on the analysis scale."""

    mean: Floats
    se: Floats  # of the mean
    ci_lower: Floats
    ci_upper: Floats
    pi_lower: Floats  # of a new study's true effect; quantile of the test, normal or t with k − p
    pi_upper: Floats
    pi_riley_lower: Floats  # the same with t of k − p − 1 degrees of freedom; nan where there are none
    pi_riley_upper: Floats
    level: float

    def to_frame(self) -> "DataFrame":
        """One row a setting."""
        from pandas import DataFrame

        columns = ("mean", "se", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "pi_riley_lower", "pi_riley_upper")
        return DataFrame({name: getattr(self, name) for name in columns})


def predict_at(fit: LinearFit, X: Floats, level: float | None = None) -> Predictions:
    """Predictions at the rows of X, shape (m, p).

    References
    ----------
    Riley, Higgins & Deeks (2011). BMJ 342, d549.
    """
    level = fit.level if level is None else level
    check_level(level)
    mean = X @ fit.beta
    se = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", X, fit.covariance, X), 0.0))
    spread = np.sqrt(se**2 + fit.tau2)
    half = quantile(level, fit.df)
    riley = quantile(level, fit.q_df - 1) if fit.q_df > 1 else math.nan
    return Predictions(
        mean=mean,
        se=se,
        ci_lower=mean - half * se,
        ci_upper=mean + half * se,
        pi_lower=mean - half * spread,
        pi_upper=mean + half * spread,
        pi_riley_lower=mean - riley * spread,
        pi_riley_upper=mean + riley * spread,
        level=level,
    )
