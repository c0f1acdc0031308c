"""Two halves of normals that meet at the median: an estimate whose limits are not equally far.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.protocol import Floats, checked_probability


@dataclass(frozen=True, slots=True)
class SplitNormal:
    """Half the probability on either side of `median`, each side a half-normal with its own sd (> 0).

    The halves carry ½ each, so that the median is exact; a density that is continuous at the join (Fechner's
    two-piece normal) would move the median off the estimate.
    """

    median: float
    sd_below: float
    sd_above: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.median) and self.sd_below > 0 and self.sd_above > 0):
            raise ValueError(f"split normal: sds must be above 0, not {self.sd_below} and {self.sd_above}")

    @property
    def mean(self) -> float:
        """Expectation: the mean of two half-normals."""
        return self.median + (self.sd_above - self.sd_below) / math.sqrt(2 * math.pi)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        about_median = 0.5 * (self.sd_below**2 + self.sd_above**2)
        return math.sqrt(about_median - (self.mean - self.median) ** 2)

    def quantile(self, p: float) -> float:
        """Inverse of the cdf."""
        from scipy.special import ndtri

        z = float(ndtri(checked_probability(p)))
        return self.median + z * (self.sd_below if z < 0 else self.sd_above)

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        from scipy.special import ndtr

        away = x - self.median
        return float(ndtr(away / (self.sd_below if away < 0 else self.sd_above)))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
        z = rng.standard_normal(n)
        return self.median + z * np.where(z < 0, self.sd_below, self.sd_above)

    def exp_moment(self, order: int) -> float:
        """E[exp(order · x)], in closed form."""
        from scipy.special import ndtr

        below, above = order * self.sd_below, order * self.sd_above
        halves = math.exp(0.5 * below**2) * ndtr(-below) + math.exp(0.5 * above**2) * ndtr(above)
        return float(math.exp(order * self.median) * halves)
