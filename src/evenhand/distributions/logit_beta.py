"""The logit of a proportion whose distribution is beta.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.beta import Beta
from evenhand.distributions.protocol import Floats


@dataclass(frozen=True, slots=True)
class LogitBeta:
    """log(p / (1 − p)) for p ~ Beta(a, b); the natural log odds, unitless."""

    a: float
    b: float

    def __post_init__(self) -> None:
        Beta(self.a, self.b)  # says what is wrong with the parameters

    @property
    def mean(self) -> float:
        """Expectation: digamma(a) − digamma(b)."""
        from scipy.special import digamma

        return float(digamma(self.a) - digamma(self.b))

    @property
    def sd(self) -> float:
        """Standard deviation: the root of trigamma(a) + trigamma(b)."""
        from scipy.special import polygamma

        return math.sqrt(float(polygamma(1, self.a) + polygamma(1, self.b)))

    def quantile(self, p: float) -> float:
        """Logit of the beta's quantile."""
        below, above = Beta(self.a, self.b).quantile(p), Beta(self.b, self.a).quantile(1.0 - p)
        # 1 − x loses every digit where x is close to 1; the mirrored beta has them.
        if below == 0.0 or above == 0.0:
            return -math.inf if below == 0.0 else math.inf
        return math.log(below) - math.log(above)

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        from scipy.special import expit

        return Beta(self.a, self.b).cdf(float(expit(x))) if x <= 0 else 1.0 - Beta(self.b, self.a).cdf(float(expit(-x)))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws, as a difference of log gammas, so that none is infinite."""
        return _log_gamma_draws(self.a, n, rng) - _log_gamma_draws(self.b, n, rng)


def _log_gamma_draws(shape: float, n: int, rng: np.random.Generator) -> Floats:
    """Logs of gamma(shape) draws; a draw of a small shape itself can be below the smallest float.

    Marsaglia & Tsang (2000), ACM Trans. Math. Softw. 26, 363-372, section 6: gamma(a) = gamma(a + 1) · U^(1/a).
    """
    return np.log(rng.gamma(shape + 1.0, 1.0, n)) - rng.exponential(1.0, n) / shape
