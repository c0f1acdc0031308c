"""The PERT distribution: a lowest, a likeliest and a highest value.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.beta import Beta
from evenhand.distributions.protocol import Floats


@dataclass(frozen=True, slots=True)
class Pert:
    """A beta stretched over `low` to `high` whose mean is (low + 4 · mode + high) / 6.

    References
    ----------
    Malcolm, Roseboom, Clark & Fazar (1959). Oper. Res. 7, 646-669; Vose (2008), Risk Analysis, 3rd ed., section 14.5.
    """

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        finite = all(math.isfinite(x) for x in (self.low, self.mode, self.high))
        if not (finite and self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(f"PERT({self.low}, {self.mode}, {self.high}): needs low ≤ mode ≤ high and low below high")

    @property
    def _width(self) -> float:
        return self.high - self.low

    @property
    def _beta(self) -> Beta:
        return Beta(1 + 4 * (self.mode - self.low) / self._width, 1 + 4 * (self.high - self.mode) / self._width)

    @property
    def mean(self) -> float:
        """Expectation."""
        return (self.low + 4 * self.mode + self.high) / 6

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self._width * self._beta.sd

    def quantile(self, p: float) -> float:
        """Inverse of the cdf."""
        return min(self.low + self._width * self._beta.quantile(p), self.high)

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        return self._beta.cdf((x - self.low) / self._width)

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
        return np.minimum(self.low + self._width * self._beta.sample(n, rng), self.high)
