"""Quadrature of a density on the line, on Gauss-Legendre panels that halve until they resolve it.

Pipeline: [distributions] → dossier → … → report

A coarse grid of between-study sds costs three digits of a posterior's sd; these panels know their own error.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions.protocol import Floats

_MOST_PANELS = 20_000
_UNRESOLVED = (
    "a density too narrow to be found where it was looked for: prior and data lie too far apart; give both in one unit"
)
_MOST_ROUNDS = 60  # halvings of a panel: 2^-60 of its width is below a float's resolution


@dataclass(frozen=True, slots=True, eq=False)
class Panels:
    """A density on adjoining panels, ordered by x.

    A panel holds x = t for t between `start` and `stop` where `side` is 0, and a tail x = centre + side / t where it
    is ±1, with t from 0: polynomial tails become smooth there, and their end is reached.
    """

    start: Floats  # (n,)
    stop: Floats  # (n,)
    side: NDArray[np.int_]  # (n,) of -1, 0, 1
    centre: float
    density: Floats  # (n, m): of t, at the Gauss-Legendre nodes of each panel, with total probability 1
    log_total: float  # log of the integral of the density as it was given
    converged: bool

    @property
    def nodes(self) -> Floats:
        """The nodes as values of x, shape (n, m)."""
        return _to_x(_inside(self.start, self.stop, self.density.shape[1]), self.side, self.centre)

    @property
    def probabilities(self) -> Floats:
        """Quadrature weight times density, shape (n, m), summing to 1."""
        weights = gauss_legendre(self.density.shape[1])[1]
        masses: Floats = 0.5 * (self.stop - self.start)[:, None] * weights * self.density
        return masses


@cache
def gauss_legendre(m: int) -> tuple[Floats, Floats]:
    """Nodes and weights on −1..1."""
    nodes, weights = np.polynomial.legendre.leggauss(m)
    nodes.flags.writeable = weights.flags.writeable = False
    return nodes, weights


@cache
def legendre_transform(m: int) -> Floats:
    """Matrix that takes values at the `m` nodes to the coefficients of their Legendre series."""
    nodes, weights = gauss_legendre(m)
    degrees = np.arange(m) + 0.5
    transform: Floats = degrees[:, None] * (np.polynomial.legendre.legvander(nodes, m - 1) * weights[:, None]).T
    transform.flags.writeable = False
    return transform


def integrate_density(
    log_density: Callable[[Floats], Floats],
    edges: Sequence[float] | Floats,
    *,
    left_tail: bool = False,
    right_tail: bool = False,
    nodes: int = 16,
    tolerance: float = 1e-13,
) -> Panels:
    """Normalise a density and lay panels on which its Legendre series has ended.

    Parameters
    ----------
    log_density : callable
        Shape (q,) to shape (q,): natural log of the density up to a constant; −inf where it is 0.
    edges : sequence of float
        Ends of the first panels, rising; a kink or jump of the density belongs on an edge. With a tail, the outermost
        edges lie on either side of the middle edge's bulk.
    left_tail, right_tail : bool
        Whether the density goes on beyond the outermost edges, to infinity.
    nodes : int
        Gauss-Legendre nodes of a panel.
    tolerance : float
        A panel is halved until the last two terms of its series hold less than this share of all probability.

    Returns
    -------
    Panels
        `converged` is False where halving did not end, as for a density that is not integrable.

    Raises
    ------
    ValueError
        Where the density is infinite or not a number at a node, or where thousands of panels do not resolve it, as
        where a prior and the data lie a million standard deviations apart.
    """
    if nodes < 3 or not tolerance > 0:
        raise ValueError(f"nodes = {nodes}, tolerance = {tolerance}: give 3 nodes or more, and a tolerance above 0")
    edge = np.asarray(edges, dtype=np.float64)
    centre = float(0.5 * (edge[0] + edge[-1])) if left_tail else 0.0
    start, stop, side = edge[:-1], edge[1:], np.zeros(edge.size - 1, dtype=np.int_)
    for wanted, sign, outermost in ((left_tail, -1, edge[0]), (right_tail, 1, edge[-1])):
        if wanted:
            start, stop = np.append(start, 0.0), np.append(stop, 1.0 / (sign * (outermost - centre)))
            side = np.append(side, sign)

    def log_in_t(start: Floats, stop: Floats, side: NDArray[np.int_]) -> Floats:
        t = _inside(start, stop, nodes)
        logs = np.asarray(log_density(_to_x(t, side, centre).ravel()), dtype=np.float64).reshape(t.shape)
        if not np.all(logs < np.inf):
            raise ValueError("a density to be integrated must be a finite number everywhere inside its panels")
        in_t: Floats = logs - 2 * np.log(np.where(side[:, None] == 0, 1.0, t))
        return in_t

    logs = log_in_t(start, stop, side)
    settled = np.zeros(start.size, dtype=bool)
    for _ in range(_MOST_ROUNDS):
        peak = float(logs.max())
        values = np.exp(logs - peak)
        half = 0.5 * (stop - start)
        masses = half * (values @ gauss_legendre(nodes)[1])
        last_terms = np.abs(values @ legendre_transform(nodes)[-2:].T).sum(axis=1)
        settled |= half * last_terms <= tolerance * masses.sum()
        if settled.all():
            break
        if start.size > _MOST_PANELS:
            raise ValueError(_UNRESOLVED)
        # What is settled stays settled: the total only becomes known better.
        split = np.flatnonzero(~settled)
        middle = 0.5 * (start[split] + stop[split])
        new_start, new_stop = np.concatenate([start[split], middle]), np.concatenate([middle, stop[split]])
        new_side = np.concatenate([side[split], side[split]])
        start, stop = np.concatenate([start[settled], new_start]), np.concatenate([stop[settled], new_stop])
        logs = np.concatenate([logs[settled], log_in_t(new_start, new_stop, new_side)])
        side = np.concatenate([side[settled], new_side])
        settled = np.arange(start.size) < settled.sum()
    peak = float(logs.max())
    values = np.exp(logs - peak)
    total = float((0.5 * (stop - start) * (values @ gauss_legendre(nodes)[1])).sum())
    # On a right tail x falls as t rises.
    order = np.lexsort((np.where(side == 1, -start, start), side))
    return Panels(
        start=start[order],
        stop=stop[order],
        side=side[order],
        centre=centre,
        density=values[order] / total,
        log_total=peak + math.log(total),
        converged=bool(settled.all()),
    )


def _inside(start: Floats, stop: Floats, m: int) -> Floats:
    """The `m` nodes of each panel, shape (n, m)."""
    inside: Floats = 0.5 * (start + stop)[:, None] + 0.5 * (stop - start)[:, None] * gauss_legendre(m)[0]
    return inside


def _to_x(t: Floats, side: NDArray[np.int_], centre: float) -> Floats:
    tail = side[:, None] != 0
    return np.where(tail, centre + side[:, None] / np.where(tail, t, 1.0), t)
