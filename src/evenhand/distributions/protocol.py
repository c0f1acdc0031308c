"""What every uncertain number can do, whatever made it.

Pipeline: [distributions] → dossier → … → report
"""

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


def checked_probability(p: float) -> float:
    """`p` as a float, or a `ValueError` where it is no probability."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"p = {p}: a probability lies between 0 and 1")
    return float(p)
