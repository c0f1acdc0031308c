"""The log partition function of each kind of count: what makes its probabilities sum to 1, and its moments.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A count x with natural parameter η has probability w(x) exp(x η − K(η)); K′ is its mean and K″ its variance.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.counts.checked_counts import check_support

_PANEL = 2.0  # of the natural parameter
_DEGREE = 22
_CERTAIN = 42.0  # natural-log odds beyond which one count alone is possible to the last digit
_NEGLIGIBLE = 46.0


class LogPartition(Protocol):
    """K of each of k studies; `eta` has shape (..., k, q)."""

    def value(self, eta: Floats) -> Floats:
        """K."""
        ...

    def moments(self, eta: Floats) -> tuple[Floats, Floats]:
        """K′ and K″."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Binomial:
    """Events among `n` people; η is the log odds."""

    n: Floats  # (k,)

    def value(self, eta: Floats) -> Floats:
        """n log(1 + e^η)."""
        # Not logaddexp, which takes three times as long.
        total: Floats = self.n[:, None] * (np.maximum(eta, 0.0) + np.log1p(np.exp(-np.abs(eta))))
        return total

    def moments(self, eta: Floats) -> tuple[Floats, Floats]:
        """n p and n p (1 − p)."""
        small = np.exp(-np.abs(eta))
        p = np.where(eta >= 0, 1.0, small) / (1.0 + small)
        return self.n[:, None] * p, self.n[:, None] * small / (1.0 + small) ** 2


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    """Events in `time`; η is the log rate."""

    time: Floats  # (k,)

    def value(self, eta: Floats) -> Floats:
        """Time × rate."""
        total: Floats = self.time[:, None] * np.exp(np.minimum(eta, 600.0))
        return total

    def moments(self, eta: Floats) -> tuple[Floats, Floats]:
        """Both time × rate."""
        mean = self.value(eta)
        return mean, mean


@dataclass(slots=True, eq=False)
class Hypergeometric:
    """Events among the treated, given those of both arms: Fisher's non-central hypergeometric; η the log odds ratio.

    All sums over possible counts are made once, at Chebyshev points of panels of η, and only in panels that are asked
    for. The generating function of these counts has negative roots alone, so K is analytic in |Im η| < π however large
    the study, and 22 points a panel of length 2 give it to the last digit.

    K is counted from the study's own count: value(η) is K(η) − x η less the log of x's own number of ways.
    """

    events_t: Floats  # (k,)
    n_t: Floats
    events_c: Floats
    n_c: Floats
    _log_ways: list[Floats] = field(init=False)
    _low: Floats = field(init=False)  # below, the smallest possible count is certain; above `_high` the largest
    _high: Floats = field(init=False)
    _ends: Floats = field(init=False)  # (2, k): smallest and largest count, less the observed one
    _log_ends: Floats = field(init=False)  # (2, k)
    _made: NDArray[np.bool_] = field(init=False)  # (k, panels)
    _coefficients: Floats = field(init=False)  # (3, degree, k, panels): of K, K′, K″

    def __post_init__(self) -> None:
        total = self.events_t + self.events_c
        first, last = np.maximum(0.0, total - self.n_c), np.minimum(self.n_t, total)
        self._ends = np.stack([first - self.events_t, last - self.events_t])
        self._log_ways = [
            _log_ways(*arms) for arms in zip(self.events_t, self.n_t, self.events_c, self.n_c, strict=True)
        ]
        ways = self._log_ways
        self._log_ends = np.array([[w[0] for w in ways], [w[-1] for w in ways]]).reshape(2, -1)
        self._low = np.array([w[0] - w[1] if w.size > 1 else 0.0 for w in ways]) - _CERTAIN
        self._high = np.array([w[-2] - w[-1] if w.size > 1 else 0.0 for w in ways]) + _CERTAIN
        panels = int(np.ceil(((self._high - self._low) / _PANEL).max(initial=1.0)))
        self._made = np.zeros((len(ways), panels), dtype=bool)
        self._coefficients = np.zeros((3, _DEGREE, len(ways), panels))

    def value(self, eta: Floats) -> Floats:
        """K(η) − x η, less the log of x's number of ways: minus the log probability of what was counted."""
        (inside,) = self._read(eta, 1)
        below, above = (log[:, None] + end[:, None] * eta for log, end in zip(self._log_ends, self._ends, strict=True))
        return np.where(eta < self._low[:, None], below, np.where(eta > self._high[:, None], above, inside))

    def moments(self, eta: Floats) -> tuple[Floats, Floats]:
        """Mean less the observed count, and variance."""
        _, mean, variance = self._read(eta, 3)
        below, above = eta < self._low[:, None], eta > self._high[:, None]
        mean = np.where(below, self._ends[0][:, None], np.where(above, self._ends[1][:, None], mean))
        return mean, np.where(below | above, 0.0, np.maximum(variance, 0.0))

    def _read(self, eta: Floats, how_many: int) -> list[Floats]:
        """Chebyshev series by Clenshaw's recurrence."""
        place = (np.clip(eta, self._low[:, None], self._high[:, None]) - self._low[:, None]) / _PANEL
        panel = np.minimum(place.astype(np.int_), self._made.shape[1] - 1)
        self._make(panel)
        x = 2.0 * (place - panel) - 1.0
        study = np.broadcast_to(np.arange(panel.shape[-2])[:, None], panel.shape)
        results = []
        for series in self._coefficients[:how_many]:
            later, latest = np.zeros_like(x), np.zeros_like(x)
            for degree in range(_DEGREE - 1, 0, -1):
                later, latest = 2.0 * x * later - latest + series[degree][study, panel], later
            results.append(x * later - latest + series[0][study, panel])
        return results

    def _make(self, panel: NDArray[np.int_]) -> None:
        """Sums over the counts in the panels that are asked for and not there yet."""
        if self._made[np.arange(panel.shape[-2])[:, None], panel].all():
            return
        axes = (*range(panel.ndim - 2), panel.ndim - 1)
        for i, (low, high) in enumerate(zip(panel.min(axis=axes), panel.max(axis=axes), strict=True)):
            for p in np.flatnonzero(~self._made[i, low : high + 1]) + low:
                start = self._low[i] + _PANEL * p
                self._coefficients[:, :, i, p] = _panel_series(self._log_ways[i], float(self._ends[0, i]), float(start))
                self._made[i, p] = True


def _log_ways(events_t: float, n_t: float, events_c: float, n_c: float) -> Floats:
    """Log of the ways to each possible count among the treated, over those to the observed one."""
    total = events_t + events_c
    first, last = max(0.0, total - n_c), min(n_t, total)
    check_support(first, last)
    j = np.arange(first, last + 1.0)
    # By their ratios: log factorials of large totals would lose ten digits.
    ratios = np.log((n_t - j[:-1]) * (total - j[:-1])) - np.log((j[:-1] + 1) * (n_c - total + j[:-1] + 1))
    ways = np.concatenate([[0.0], np.cumsum(ratios)])
    relative: Floats = ways - ways[int(events_t - first)]
    return relative


_POINTS = np.cos(np.pi * (np.arange(_DEGREE) + 0.5) / _DEGREE)
_TO_SERIES = np.cos(np.outer(np.arange(_DEGREE), np.arccos(_POINTS))) * (2.0 / _DEGREE)
_TO_SERIES[0] *= 0.5


def _panel_series(log_ways: Floats, first: float, start: float) -> Floats:
    """Chebyshev coefficients, shape (3, degree), of K and its two moments over one panel."""
    eta = start + 0.5 * _PANEL * (_POINTS + 1.0)
    away = first + np.arange(log_ways.size)
    # Counts that matter at neither end matter nowhere between: the terms are log-concave in the count.
    at_ends = [log_ways + away * end for end in (start, start + _PANEL)]
    left = int(np.argmax(at_ends[0] > at_ends[0].max() - _NEGLIGIBLE))
    right = away.size - int(np.argmax(at_ends[1][::-1] > at_ends[1].max() - _NEGLIGIBLE))
    exponents = log_ways[left:right] + eta[:, None] * away[left:right]
    highest = exponents.max(axis=1)
    terms = np.exp(exponents - highest[:, None])
    sums = terms.sum(axis=1)
    mean = terms @ away[left:right] / sums
    variance = (terms * (away[left:right] - mean[:, None]) ** 2).sum(axis=1) / sums
    series: Floats = np.stack([highest + np.log(sums), mean, variance]) @ _TO_SERIES.T
    return series
