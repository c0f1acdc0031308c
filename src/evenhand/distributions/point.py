"""A number taken as exact.

Pipeline: [distributions] → dossier → … → report
"""

from dataclasses import dataclass

import numpy as np

from evenhand.distributions.protocol import Floats, checked_probability


@dataclass(frozen=True, slots=True)
class Point:
    """All probability on `value`."""

    value: float

    @property
    def mean(self) -> float:
        """The value itself."""
        return self.value

    @property
    def sd(self) -> float:
        """Zero."""
        return 0.0

    def quantile(self, p: float) -> float:
        """The value, at every `p`."""
        checked_probability(p)
        return self.value

    def cdf(self, x: float) -> float:
        """A step at the value."""
        return float(x >= self.value)

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """The value, `n` times; `rng` is left as it was."""
        return np.full(n, self.value, dtype=np.float64)
