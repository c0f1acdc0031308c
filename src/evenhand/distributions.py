"""The common currency: every uncertain number, whatever made it."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@runtime_checkable
class Distribution(Protocol):
    """A real-valued uncertain number."""

    @property
    def mean(self) -> float:
        """Expectation."""

    @property
    def sd(self) -> float:
        """Standard deviation."""

    def quantile(self, p: float) -> float:
        """Smallest x with cdf(x) ≥ p."""

    def cdf(self, x: float) -> float:
        """Probability of at most x."""

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
