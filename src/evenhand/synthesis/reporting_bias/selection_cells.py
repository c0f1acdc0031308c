"""Normal probability of the cells in which a selection weight is constant, or is taken at a node of quadrature.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

The chance that study i is seen is A_i = ∫ w(y) φ(y; μ_i, σ_i²) dy. On the scale z = y / √v_i the nodes are the same for
every study and every parameter, and no normal density is narrower than 1, so that fixed Gauss–Legendre panels serve.
"""

import math
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats

_NODES_OF_PANEL = 12
_PANEL = 0.7
_WIDE_PANEL = 1.75
_FINE_UP_TO = 5.0  # a weight's features are narrower than 1 only where |z| is below this
_ORDERS = 5  # of derivatives in the mean, the probability itself among them
_FAR = 40.0  # stands for infinity: the density there is 0 in double precision


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Intervals and nodes in z; entries of shape (1, ·) belong to all studies, of shape (k, ·) to each its own."""

    lower: Floats  # intervals (·, a)
    upper: Floats
    nodes: Floats  # (1, b)
    node_weights: Floats  # (1, b), of the quadrature


def panels(low: float, high: float) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss–Legendre panels from `low` to `high`, finer near 0."""
    edges = [low]
    for start, end, width in (
        (low, min(high, -_FINE_UP_TO), _WIDE_PANEL),
        (max(low, -_FINE_UP_TO), min(high, _FINE_UP_TO), _PANEL),
        (max(low, _FINE_UP_TO), high, _WIDE_PANEL),
    ):
        if end > start:
            edges += np.linspace(start, end, math.ceil((end - start) / width) + 1)[1:].tolist()
    return on_edges(np.array(edges))


def on_edges(edges: Floats) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss–Legendre panels between these edges."""
    at, weight = np.polynomial.legendre.leggauss(_NODES_OF_PANEL)
    half = 0.5 * np.diff(edges)
    middle = 0.5 * (edges[:-1] + edges[1:])
    return (middle[:, None] + half[:, None] * at).ravel(), (half[:, None] * weight).ravel()


def masses(cells: Cells, mu: Floats, var: Floats, vi: Floats) -> Floats:
    """Probability of each cell under N(mu, var), shape (k,) each, and its first four derivatives in mu: (5, k, a + b).

    As ∂φ/∂σ² = ½ ∂²φ/∂μ², these are all that a Hessian in (μ, σ²) needs. They are Hermite's polynomials times φ.
    """
    root, sd = np.sqrt(vi)[:, None], np.sqrt(var)[:, None]
    u = (root * cells.nodes - mu[:, None]) / sd
    density = np.exp(-0.5 * u**2) * (cells.node_weights * (root / (sd * math.sqrt(2 * math.pi))))
    low, high = _standardised(cells, mu, var, vi)
    a = low.shape[1]
    orders = np.empty((_ORDERS, mu.size, a + u.shape[1]))
    orders[0, :, :a] = _mass(low, high)
    _fill(orders[:, :, a:], density, u, 1.0 / sd)
    low, high = np.clip(low, -_FAR, _FAR), np.clip(high, -_FAR, _FAR)
    at_low, at_high = np.empty((_ORDERS - 1, *low.shape)), np.empty((_ORDERS - 1, *high.shape))
    for place, at in ((low, at_low), (high, at_high)):
        _fill(at, np.exp(-0.5 * place**2) / (sd * math.sqrt(2 * math.pi)), place, 1.0 / sd)
    orders[1:, :, :a] = at_low - at_high
    return orders


def values(cells: Cells, mu: Floats, var: Floats, vi: Floats) -> Floats:
    """The probabilities alone, (k, a + b)."""
    root, sd = np.sqrt(vi)[:, None], np.sqrt(var)[:, None]
    u = (root * cells.nodes - mu[:, None]) / sd
    density = np.exp(-0.5 * u**2) * (cells.node_weights * (root / (sd * math.sqrt(2 * math.pi))))
    return np.concatenate([_mass(*_standardised(cells, mu, var, vi)), density], axis=1)


def _standardised(cells: Cells, mu: Floats, var: Floats, vi: Floats) -> tuple[Floats, Floats]:
    """The intervals' ends in standard deviations from the mean, (k, a)."""
    root, sd, mean = np.sqrt(vi)[:, None], np.sqrt(var)[:, None], mu[:, None]
    return (root * cells.lower - mean) / sd, (root * cells.upper - mean) / sd


def _fill(orders: Floats, density: Floats, u: Floats, per_sd: Floats) -> None:
    """Write density · He_n(u) / σⁿ for n = 0, 1, …, by He_{n + 1} = u He_n − n He_{n − 1}."""
    orders[0] = density
    step = u * per_sd
    orders[1] = density * step
    for n in range(1, orders.shape[0] - 1):
        orders[n + 1] = step * orders[n] - (n * per_sd**2) * orders[n - 1]


def _mass(lower: Floats, upper: Floats) -> Floats:
    from scipy.special import ndtr

    # Both in the same tail, so that nothing is lost in the difference of two numbers near 1.
    flip = lower > 0
    return np.asarray(ndtr(np.where(flip, -lower, upper)) - ndtr(np.where(flip, -upper, lower)))
