"""The log-normal distribution.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.normal import Normal
from evenhand.distributions.protocol import Floats


@dataclass(frozen=True, slots=True)
class LogNormal:
    """exp(z) for z normal with mean `meanlog` and sd `sdlog` (> 0)."""

    meanlog: float
    sdlog: float

    def __post_init__(self) -> None:
        Normal(self.meanlog, self.sdlog)  # says what is wrong with the parameters

    @property
    def mean(self) -> float:
        """Expectation."""
        return math.exp(self.meanlog + 0.5 * self.sdlog**2)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean * math.sqrt(math.expm1(self.sdlog**2))

    def quantile(self, p: float) -> float:
        """Inverse of the cdf."""
        return math.exp(Normal(self.meanlog, self.sdlog).quantile(p))

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        return Normal(self.meanlog, self.sdlog).cdf(math.log(x)) if x > 0 else 0.0

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
        return rng.lognormal(self.meanlog, self.sdlog, n)
