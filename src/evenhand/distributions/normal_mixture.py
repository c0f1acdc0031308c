"""A finite mixture of normals: what a quadrature over the between-study sd leaves of every effect.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.protocol import Floats, checked_probability


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NormalMixture:
    """Mixture of normals with `weights` (≥ 0, summing to 1), `means` and `sds` (> 0), each of shape (m,).

    `finite_moments` says how many moments the distribution has that the mixture stands for. A posterior with a heavy
    tail may have no mean or sd, although any finite mixture has one; then `mean` is nan and `sd` is infinite.
    """

    weights: Floats
    means: Floats
    sds: Floats
    finite_moments: int = 2

    def __post_init__(self) -> None:
        weights, means, sds = (
            np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (self.weights, self.means, self.sds)
        )
        if not weights.shape == means.shape == sds.shape or weights.ndim != 1:
            raise ValueError(f"weights, means and sds differ in shape: {weights.shape}, {means.shape}, {sds.shape}")
        if not (np.all(weights >= 0) and weights.sum() > 0 and np.all(sds > 0) and np.all(np.isfinite(means))):
            raise ValueError("a mixture needs weights of at least 0, sds above 0 and finite means")
        object.__setattr__(self, "weights", weights / weights.sum())
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "sds", sds)

    def __repr__(self) -> str:
        return f"NormalMixture(mean={self.mean:.6g}, sd={self.sd:.6g}, components={self.weights.size})"

    @property
    def mean(self) -> float:
        """Expectation; nan where it does not exist."""
        return float(self.weights @ self.means) if self.finite_moments >= 1 else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation; infinite where it does not exist."""
        if self.finite_moments < 2:
            return math.inf
        centre = self.weights @ self.means
        return math.sqrt(float(self.weights @ (self.sds**2 + (self.means - centre) ** 2)))

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        from scipy.special import ndtr

        return float(self.weights @ ndtr((x - self.means) / self.sds))

    def quantile(self, p: float) -> float:
        """Inverse of the cdf, by a bracketed root of it, to about the last digit."""
        from scipy.optimize import brentq
        from scipy.special import ndtr, ndtri

        p = checked_probability(p)
        if p in (0.0, 1.0):
            return -math.inf if p == 0.0 else math.inf
        # The quantile lies between the smallest and the largest of the components' own.
        own = self.means + self.sds * float(ndtri(p))
        low, high = float(own.min()), float(own.max())
        if low == high:
            return low
        # Above the median the other tail is the one computed without cancellation.
        sign, target = (1.0, p) if p <= 0.5 else (-1.0, 1.0 - p)

        def excess(x: float) -> float:
            return sign * (float(self.weights @ ndtr(sign * (x - self.means) / self.sds)) - target)

        if excess(low) >= 0:
            return low
        if excess(high) <= 0:
            return high
        return float(brentq(excess, low, high, xtol=1e-300, rtol=8.9e-16, maxiter=500))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws: a component, then a normal."""
        component = rng.choice(self.weights.size, size=n, p=self.weights)
        return self.means[component] + self.sds[component] * rng.standard_normal(n)

    def exp_moment(self, order: int) -> float:
        """E[exp(order · x)], in closed form; infinite where a tail does not allow it."""
        if self.finite_moments < 2:
            return math.inf
        with np.errstate(over="ignore"):
            return float(self.weights @ np.exp(order * self.means + 0.5 * (order * self.sds) ** 2))
