"""A distribution known by its draws.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.protocol import Floats, checked_probability


@dataclass(frozen=True, slots=True, eq=False)
class Empirical:
    """Every one of `draws`, shape (n,), alike; kept in order of size."""

    draws: Floats

    def __post_init__(self) -> None:
        draws = np.sort(np.asarray(self.draws, dtype=np.float64).ravel())
        if draws.size == 0 or not np.all(np.isfinite(draws)):
            raise ValueError("draws must be finite, and there must be at least one")
        object.__setattr__(self, "draws", draws)

    @property
    def mean(self) -> float:
        """Mean of the draws."""
        return float(self.draws.mean())

    @property
    def sd(self) -> float:
        """Standard deviation of the draws, with n as divisor: they are the whole distribution."""
        return float(self.draws.std())

    def quantile(self, p: float) -> float:
        """Smallest draw with at least a share `p` of the draws at or below it."""
        # ceil(p·n) with a hair's allowance: 0.1 · 30 is a little above 3 in binary.
        rank = math.ceil(checked_probability(p) * self.draws.size * (1 - 1e-15))
        return float(self.draws[max(rank, 1) - 1])

    def cdf(self, x: float) -> float:
        """Share of the draws of at most `x`."""
        return float(np.searchsorted(self.draws, x, side="right")) / self.draws.size

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` of the draws, with replacement."""
        return rng.choice(self.draws, size=n)
