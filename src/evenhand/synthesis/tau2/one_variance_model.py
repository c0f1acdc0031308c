"""What an estimator of one between-study variance asks of a model, whatever its rows stand for.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from typing import Protocol

from evenhand.distributions import Floats
from evenhand.synthesis.normal_kernel import Scan


class OneVarianceFit(Protocol):
    """Least squares for one set of weights: what an estimator of the one variance asks of it."""

    @property
    def wi(self) -> Floats:
        """Weights, (k,)."""

    @property
    def residual(self) -> Floats:
        """Row − fitted, (k,)."""

    @property
    def q(self) -> float:
        """Weighted sum of squared residuals."""

    def trace(self, d: Floats) -> float:
        """tr((I − H)D), H the hat matrix."""


class OneVarianceModel(Protocol):
    """Independent rows of variance vi + τ²: studies, or the rows that a network's studies are turned into."""

    @property
    def vi(self) -> Floats:
        """Known variances, (k,)."""

    @property
    def k(self) -> int:
        """Rows."""

    @property
    def df(self) -> int:
        """Rows less coefficients."""

    @property
    def unweighted_residual(self) -> Floats:
        """Row less its unweighted fit, (k,)."""

    @property
    def log_det_gram(self) -> float:
        """log|X'X|."""

    def at(self, tau2: float) -> OneVarianceFit:
        """Least squares with inverse-variance weights."""

    def scan(self, tau2: Floats) -> Scan:
        """The likelihoods' parts for every variance in `tau2`, shape (q,)."""
