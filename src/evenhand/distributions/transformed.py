"""A distribution seen on another scale: ratios from logs, proportions from logits.

Pipeline: [distributions] → dossier → … → report
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.distributions.beta import Beta
from evenhand.distributions.empirical import Empirical
from evenhand.distributions.logit_beta import LogitBeta
from evenhand.distributions.normal_mixture import NormalMixture
from evenhand.distributions.panels import gauss_legendre
from evenhand.distributions.protocol import Distribution, Floats


def _expit(x: Any) -> Any:
    from scipy.special import expit

    return expit(x)


def _logit(x: Any) -> Any:
    from scipy.special import logit

    return logit(x)


def _exp(x: Any) -> Any:
    with np.errstate(over="ignore"):
        return np.exp(x)


def _log(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        return np.log(x)


# Rising functions and their inverses, by the name a reader sees.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "exp": (_exp, _log),
    "log": (_log, _exp),
    "expit": (_expit, _logit),
    "logit": (_logit, _expit),
}
_LOWEST = {"exp": 0.0, "expit": 0.0, "log": -math.inf, "logit": -math.inf}
_HIGHEST = {"exp": math.inf, "expit": 1.0, "log": math.inf, "logit": math.inf}


@dataclass(frozen=True, slots=True)
class Transformed:
    """`function` (a name in `FUNCTIONS`) of a number distributed as `base`."""

    base: Distribution
    function: str

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise ValueError(f"function '{self.function}': there are {', '.join(FUNCTIONS)}")

    @property
    def mean(self) -> float:
        """Expectation: in closed form where there is one, else by quadrature over the base."""
        return self._moment(1)

    @property
    def sd(self) -> float:
        """Standard deviation, found as the mean is."""
        if self.function == "expit" and isinstance(self.base, LogitBeta):
            return Beta(self.base.a, self.base.b).sd
        mean = self.mean
        if not math.isfinite(mean):
            return math.inf
        if self.function == "exp" and hasattr(self.base, "exp_moment"):
            return math.sqrt(max(self.base.exp_moment(2) - mean**2, 0.0))
        forward = FUNCTIONS[self.function][0]
        return math.sqrt(_expectation(self.base, lambda x: (forward(x) - mean) ** 2))

    def quantile(self, p: float) -> float:
        """The function of the base's quantile, exactly."""
        return float(FUNCTIONS[self.function][0](self.base.quantile(p)))

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        if x <= _LOWEST[self.function]:
            return 0.0
        return 1.0 if x >= _HIGHEST[self.function] else self.base.cdf(float(FUNCTIONS[self.function][1](x)))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws."""
        draws: Floats = FUNCTIONS[self.function][0](self.base.sample(n, rng))
        return draws

    def _moment(self, order: int) -> float:
        if self.function == "expit" and isinstance(self.base, LogitBeta):
            return Beta(self.base.a, self.base.b).mean
        if self.function == "exp" and hasattr(self.base, "exp_moment"):
            return float(self.base.exp_moment(order))
        forward = FUNCTIONS[self.function][0]
        return _expectation(self.base, lambda x: forward(x) ** order)


def _expectation(base: Distribution, function: Callable[[Floats], Floats]) -> float:
    """E[function(x)]: with the base's own quadrature where it has one, else over its quantiles.

    The quantile function is integrated as a function of z with p = Φ(z): its ends, infinite in p, are then smooth.
    """
    if isinstance(base, Empirical):
        return float(np.mean(function(base.draws)))
    if hasattr(base, "expect"):
        return float(base.expect(function))
    if isinstance(base, NormalMixture):  # each component on its own
        z, weight = _standard_normal()
        return float(base.weights @ (function(base.means[:, None] + base.sds[:, None] * z) @ weight))
    from scipy.special import ndtr

    z, weight = _standard_normal()
    x = np.array([base.quantile(float(p)) for p in ndtr(z)])
    return float(function(x) @ weight)


def _standard_normal() -> tuple[Floats, Floats]:
    """Nodes z and probabilities of the standard normal: panels on −9..8, with an edge at 0 for a split normal.

    Beyond z = 8 the probability p = Φ(z) is 1 to a float's last digit, and a quantile is infinite.
    """
    nodes, weights = gauss_legendre(20)
    edges = np.concatenate([np.linspace(-9, 0, 10), np.linspace(0, 8, 9)[1:]])
    half = 0.5 * np.diff(edges)[:, None]
    z = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * nodes).ravel()
    weight = (half * weights).ravel() * np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
    return z, weight / weight.sum()
