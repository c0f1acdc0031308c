"""The gamma distribution.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.protocol import Floats, checked_probability


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma on x > 0 with `shape` and `scale` above 0; its mean is shape · scale."""

    shape: float
    scale: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.shape) and math.isfinite(self.scale) and self.shape > 0 and self.scale > 0):
            raise ValueError(f"gamma({self.shape}, {self.scale}): shape and scale must be above 0")

    @property
    def mean(self) -> float:
        """Expectation."""
        return self.shape * self.scale

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.shape) * self.scale

    def quantile(self, p: float) -> float:
        """Inverse of the cdf."""
        from scipy.special import gammaincinv

        return self.scale * float(gammaincinv(self.shape, checked_probability(p)))

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        from scipy.special import gammainc

        return float(gammainc(self.shape, max(x, 0.0) / self.scale))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
        return rng.gamma(self.shape, self.scale, n)
