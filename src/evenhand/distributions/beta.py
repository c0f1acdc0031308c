"""The beta distribution, and the uncertainty of a proportion that was counted.

Pipeline: [distributions] → dossier → … → report
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions.protocol import Floats, checked_probability

# Pseudo-counts of events and of non-events; Jeffreys is invariant to the scale on which a proportion is written.
_PRIORS = {"Jeffreys": (0.5, 0.5), "uniform": (1.0, 1.0), "Haldane": (0.0, 0.0)}


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta(a, b) on 0..1, with a, b > 0."""

    a: float
    b: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.a) and math.isfinite(self.b) and self.a > 0 and self.b > 0):
            raise ValueError(f"Beta({self.a}, {self.b}): both parameters must be above 0")

    @classmethod
    def from_count(cls, events: float, n: float, *, prior: str = "Jeffreys") -> "Beta":
        """Posterior of a proportion after `events` among `n`.

        Raises
        ------
        ValueError
            Where events are not between 0 and n, or the posterior does not exist (Haldane with no event or no
            non-event).

        References
        ----------
        Brown, Cai & DasGupta (2001). Statist. Sci. 16, 101-133.
        """
        if not 0 <= events <= n:
            raise ValueError(f"{events} events among {n}: events lie between 0 and n")
        if prior not in _PRIORS:
            raise ValueError(f"prior '{prior}': there are {', '.join(_PRIORS)}")
        add_events, add_others = _PRIORS[prior]
        return cls(events + add_events, n - events + add_others)

    @property
    def mean(self) -> float:
        """Expectation."""
        return self.a / (self.a + self.b)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        total = self.a + self.b
        return math.sqrt(self.a * self.b / (total + 1)) / total

    def quantile(self, p: float) -> float:
        """Inverse of the cdf."""
        from scipy.special import betaincinv

        return float(betaincinv(self.a, self.b, checked_probability(p)))

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        from scipy.special import betainc

        return float(betainc(self.a, self.b, min(max(x, 0.0), 1.0)))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
        return rng.beta(self.a, self.b, n)
