"""What an estimator of the between-study variance is.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import NormalModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """A way to estimate tau2 from k effects and variances about p coefficients, k > p."""

    name: str  # 'REML'
    title: str
    reference: str
    estimate: Callable[[NormalModel], float]  # → squared analysis scale
    standard_error: Callable[[NormalModel, float], float]  # (model, tau2) → its standard error
    likelihood: Literal["full", "restricted"] | None = None  # where it maximises one
    needs_weights: bool = False  # of the user

    def tau2(self, yi: Floats, vi: Floats, X: Floats | None = None, weights: Floats | None = None) -> float:
        """The estimate; yi, vi, weights of shape (k,), X of shape (k, p), None for the intercept alone."""
        return self.estimate(NormalModel.of(yi, vi, X, weights))

    def se_tau2(
        self, yi: Floats, vi: Floats, X: Floats | None = None, tau2: float = 0.0, weights: Floats | None = None
    ) -> float:
        """Its standard error where the between-study variance is `tau2`."""
        return self.standard_error(NormalModel.of(yi, vi, X, weights), tau2)
