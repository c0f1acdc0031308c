"""Nodes of tau where each costs a factorisation: few to find the density, and fewer to carry the mixture.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Callable

import numpy as np

from evenhand.distributions import Floats

_NEGLIGIBLE = 45.0  # of a log density below its peak: 1e-20
_TERMS = 20  # of a series over a doubling of tau
_FEWER = 40  # nodes of the rule for the posterior of tau
_MISSED = 1e-12  # relative, of an expectation by that rule


class InterpolatedLikelihood:
    """The log likelihood, interpolated between edges no more than a doubling apart, and as it is beyond them.

    Its singularities are at tau = ±i√v, which in log tau lie π/2 off the line: Chebyshev's series over a doubling loses
    a factor of 9 a term, so that 20 terms hold all digits, and halving a panel costs no more factors.
    """

    def __init__(self, log_likelihood: Callable[[Floats], Floats], edges: Floats) -> None:
        self._exact = log_likelihood
        self._edges = np.log(edges)
        self._series: dict[int, Floats] = {}

    def __call__(self, tau: Floats) -> Floats:
        """Shape (q,) to (q,)."""
        logs = np.log(tau)
        piece = np.searchsorted(self._edges, logs) - 1
        outside = (piece < 0) | (piece >= self._edges.size - 1)
        found = np.empty(tau.size)
        if outside.any():
            found[outside] = self._exact(tau[outside])
        wanted = np.unique(piece[~outside])
        self._learn([int(i) for i in wanted if int(i) not in self._series])
        for i in wanted:
            here = piece == i
            found[here] = np.polynomial.chebyshev.chebval(self._within(logs[here], int(i)), self._series[int(i)])
        return found

    def _within(self, logs: Floats, i: int) -> Floats:
        low, high = self._edges[i], self._edges[i + 1]
        return np.asarray((2 * logs - low - high) / (high - low))

    def _learn(self, pieces: list[int]) -> None:
        if not pieces:
            return
        places = np.polynomial.chebyshev.chebpts1(_TERMS)
        low, high = self._edges[pieces], self._edges[np.array(pieces) + 1]
        tau = np.exp(0.5 * (low + high)[:, None] + 0.5 * (high - low)[:, None] * places)
        values = self._exact(tau.ravel()).reshape(tau.shape)
        # The series' coefficients by the discrete orthogonality of Chebyshev's polynomials at these places.
        series = values @ np.polynomial.chebyshev.chebvander(places, _TERMS - 1) * (2.0 / _TERMS)
        series[:, 0] *= 0.5
        self._series.update(zip(pieces, series, strict=True))


def edges_about_the_peak(log_density: Callable[[Floats], Floats], edges: Floats) -> Floats:
    """Doubling panels where the density is, and one each for all that lies below and above.

    With thousands of studies tau is known to a few per cent, and most panels would be laid for nothing. Those that
    stand for many are checked as all others are, and are halved if anything should be there.
    """
    inner = edges[1:-1]
    if inner.size < 3:
        return edges
    logs = log_density(inner)
    best = int(np.argmax(logs))
    around = np.geomspace(inner[max(0, best - 1)], inner[min(inner.size - 1, best + 1)], 10)[1:-1]
    peak = max(float(logs.max()), float(log_density(around).max()))
    there = np.append(np.flatnonzero(logs > peak - _NEGLIGIBLE), best)
    first, last = max(0, int(there.min()) - 1), min(inner.size - 1, int(there.max()) + 1)
    return np.concatenate([edges[:1], inner[first : last + 1], edges[-1:]])


def fewer_nodes(weights: Floats, tau: Floats, vi: Floats) -> tuple[Floats, Floats]:
    """Gauss's rule for the posterior of tau itself: as good as all nodes of the panels, with a few dozen of them.

    Everything given tau is a smooth function of x = log(v + tau²), v the smallest variance: the nearest singularities
    are π off the line. The rule is that of polynomials in x which are orthogonal under the posterior (Golub & Welsch
    1969, Math. Comp. 23, 221-230; by Lanczos on the panels' nodes). Where it misses functions of the kind that
    mixtures are made of, all nodes are kept.
    """
    if weights.size <= 2 * _FEWER:
        return weights, tau
    least = float(vi.min())
    x = np.log(least + tau**2)
    basis = np.zeros((_FEWER + 1, weights.size))
    basis[0] = np.sqrt(weights)
    diagonal, beside = np.zeros(_FEWER), np.zeros(_FEWER)
    for j in range(_FEWER):
        following = x * basis[j]
        diagonal[j] = basis[j] @ following
        # Twice, against all before: rounding would otherwise bring the first ones back.
        for _ in range(2):
            following -= basis[: j + 1].T @ (basis[: j + 1] @ following)
        beside[j] = np.sqrt(following @ following)
        if beside[j] < 1e-13 * max(1.0, float(np.ptp(x))):
            return weights, tau
        basis[j + 1] = following / beside[j]
    places, axes = np.linalg.eigh(np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1))
    few_weights, few_tau = axes[0] ** 2, np.sqrt(np.maximum(0.0, np.exp(places) - least))
    if any(
        np.any(np.abs(probe(few_tau) @ few_weights - probe(tau) @ weights) > _MISSED * (probe(tau) @ weights))
        for probe in _probes(weights, tau, vi)
    ):
        return weights, tau
    return few_weights / few_weights.sum(), few_tau


def _probes(weights: Floats, tau: Floats, vi: Floats) -> list[Callable[[Floats], Floats]]:
    """Variances, precisions and tail probabilities given tau, (q,) to (n, q), as mixtures are made of."""
    from scipy.special import ndtr

    scales = np.quantile(vi, [0.0, 0.25, 0.5, 0.75, 1.0])[:, None]
    order = np.argsort(tau)
    below = np.cumsum(weights[order])
    # As far out as a new study's effect may lie, to chances of one in ten thousand.
    typical = tau[order][np.minimum(np.searchsorted(below, [0.5, 0.9, 0.99, 0.999]), tau.size - 1)]
    far = np.sqrt(typical[:, None, None] ** 2 + scales)
    return [
        lambda at: 1.0 / (scales + at**2),
        lambda at: np.sqrt(scales + at**2),
        lambda at: ndtr(-far / np.sqrt(scales + at**2)).reshape(-1, at.size),
        lambda at: ndtr(-3.0 * far / np.sqrt(scales + at**2)).reshape(-1, at.size),
    ]
