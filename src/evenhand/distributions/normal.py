"""The normal distribution.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.protocol import Floats, checked_probability


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal with the given mean and sd (> 0)."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and math.isfinite(self.sd) and self.sd > 0):
            raise ValueError(f"normal({self.mean}, {self.sd}): the mean must be finite and the sd above 0")

    def quantile(self, p: float) -> float:
        """Inverse of the cdf."""
        from scipy.special import ndtri

        return self.mean + self.sd * float(ndtri(checked_probability(p)))

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        from scipy.special import ndtr

        return float(ndtr((x - self.mean) / self.sd))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
        return rng.normal(self.mean, self.sd, n)

    def exp_moment(self, order: int) -> float:
        """E[exp(order · x)], in closed form."""
        return math.exp(order * self.mean + 0.5 * (order * self.sd) ** 2)
