"""The uniform distribution.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.protocol import Floats, checked_probability


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value between `low` and `high` alike."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"uniform({self.low}, {self.high}): low must be below high")

    @property
    def mean(self) -> float:
        """Expectation."""
        return 0.5 * (self.low + self.high)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) / math.sqrt(12)

    def quantile(self, p: float) -> float:
        """Inverse of the cdf."""
        return self.low + checked_probability(p) * (self.high - self.low)

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        return min(max((x - self.low) / (self.high - self.low), 0.0), 1.0)

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
        return rng.uniform(self.low, self.high, n)
