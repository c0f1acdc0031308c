"""A one-dimensional posterior as a piecewise polynomial density.

Pipeline: [distributions] → dossier → … → report
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions.panels import Panels, gauss_legendre, integrate_density, legendre_transform
from evenhand.distributions.protocol import Floats, checked_probability


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class GridDistribution:
    """A density held as a Legendre series a panel; its cdf is the series' exact integral.

    Made by `from_density` or `from_panels`. `mean` is nan and `sd` infinite where the distribution has none.
    """

    mean: float
    sd: float
    start: Floats  # (n,) ends of each panel in its own coordinate, as in `Panels`
    stop: Floats
    side: NDArray[np.int_]
    centre: float
    series: Floats  # (n, m) coefficients of the density of t
    integral: Floats  # (n, m + 1) coefficients of the probability from `start` to t
    cumulative: Floats  # (n + 1,) probability below each panel's end, in order of x
    edges: Floats  # (n + 1,) those ends, as x; the outermost may be infinite

    def __repr__(self) -> str:
        return f"GridDistribution(mean={self.mean:.6g}, sd={self.sd:.6g}, panels={self.start.size})"

    @classmethod
    def from_density(
        cls,
        log_density: Callable[[Floats], Floats],
        edges: Sequence[float] | Floats,
        *,
        left_tail: bool = False,
        right_tail: bool = False,
        tolerance: float = 1e-13,
    ) -> "GridDistribution":
        """From the log of a density, known up to a constant; the arguments are those of `integrate_density`."""
        panels = integrate_density(log_density, edges, left_tail=left_tail, right_tail=right_tail, tolerance=tolerance)
        return cls.from_panels(panels)

    @classmethod
    def from_panels(cls, panels: Panels, *, finite_moments: int = 2) -> "GridDistribution":
        """From a quadrature already made."""
        m = panels.density.shape[1]
        series = panels.density @ legendre_transform(m).T
        half = 0.5 * (panels.stop - panels.start)
        integral = _integrated(series) * half[:, None]
        masses = 2.0 * half * series[:, 0]
        x, probability = panels.nodes.ravel(), panels.probabilities.ravel()
        # A panel of no probability can lie at any distance; its nodes would only bring infinities.
        x, probability = x[probability > 0], probability[probability > 0]
        mean = float(probability @ x)
        sd = math.sqrt(float(probability @ (x - mean) ** 2)) if finite_moments >= 2 else math.inf
        return cls(
            mean=mean if finite_moments >= 1 else math.nan,
            sd=sd,
            start=panels.start,
            stop=panels.stop,
            side=panels.side,
            centre=panels.centre,
            series=series,
            integral=integral,
            cumulative=np.concatenate([[0.0], np.cumsum(masses)]) / masses.sum(),
            edges=_edges(panels),
        )

    def cdf(self, x: float) -> float:
        """Probability of at most `x`."""
        if x <= self.edges[0] or x >= self.edges[-1]:
            return float(x >= self.edges[-1])
        panel = np.array([int(np.searchsorted(self.edges, x, side="right")) - 1])
        side = int(self.side[panel[0]])
        t = x if side == 0 else side / (x - self.centre)
        position = np.array([(2 * t - self.start[panel[0]] - self.stop[panel[0]]) / (self.stop - self.start)[panel[0]]])
        return float(min(max(self._cdf_in(panel, position)[0], 0.0), 1.0))

    def quantile(self, p: float) -> float:
        """Inverse of the cdf."""
        p = checked_probability(p)
        if p in (0.0, 1.0):
            return float(self.edges[0] if p == 0.0 else self.edges[-1])
        return float(self._quantiles(np.array([p]))[0])

    def quantiles(self, p: Floats) -> Floats:
        """Inverse of the cdf at several probabilities between 0 and 1, both excluded; shape (q,) to (q,)."""
        return self._quantiles(p)

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` independent draws, by inversion."""
        return self._quantiles(rng.random(n))

    def expect(self, function: Callable[[Floats], Floats]) -> float:
        """Expectation of a function of x, shape (q,) to (q,), by the quadrature the density was made with."""
        panels = Panels(
            start=self.start, stop=self.stop, side=self.side, centre=self.centre,
            density=_values(self.series), log_total=0.0, converged=True,
        )  # fmt: skip
        x, probability = panels.nodes.ravel(), panels.probabilities.ravel()
        kept = probability > 0
        return float(probability[kept] @ function(x[kept]))

    def _cdf_in(self, panel: NDArray[np.int_], position: Floats) -> Floats:
        """The cdf at `position`, −1 to 1, of the coordinate of each `panel`."""
        part = _legendre_sum(self.integral[panel], position)
        falling = self.side[panel] == 1
        return np.where(falling, self.cumulative[panel + 1] - part, self.cumulative[panel] + part)

    def _quantiles(self, p: Floats) -> Floats:
        """Newton's steps on the cdf inside each panel, kept in a bracket that closes by halving where they leave it."""
        panel = np.clip(np.searchsorted(self.cumulative, p, side="left") - 1, 0, self.start.size - 1)
        sign = np.where(self.side[panel] == 1, -1.0, 1.0)
        low, high = np.full(p.shape, -1.0), np.full(p.shape, 1.0)
        position = np.zeros(p.shape)
        half = 0.5 * (self.stop - self.start)[panel]
        for _ in range(60):
            excess = sign * (self._cdf_in(panel, position) - p)
            low, high = np.where(excess < 0, position, low), np.where(excess < 0, high, position)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = excess / (half * _legendre_sum(self.series[panel], position))
            following = position - step
            following = np.where((following > low) & (following < high), following, 0.5 * (low + high))
            done = np.abs(following - position) <= 1e-14
            position = following
            if done.all():
                break
        t = 0.5 * (self.start + self.stop)[panel] + half * position
        tail = self.side[panel] != 0
        return np.where(tail, self.centre + self.side[panel] / np.where(tail, t, 1.0), t)


def _integrated(series: Floats) -> Floats:
    """Coefficients of the integral from −1 of Legendre series; ∫P_j = (P_{j+1} − P_{j−1}) / (2j + 1)."""
    n, m = series.shape
    scaled = series / (2 * np.arange(m) + 1)
    integral = np.zeros((n, m + 1))
    integral[:, 1:] += scaled
    integral[:, : m - 1] -= scaled[:, 1:]
    integral[:, 0] += scaled[:, 0]
    return integral


def _legendre_sum(series: Floats, x: Floats) -> Floats:
    """Clenshaw's sum of one Legendre series a row, each at its own `x`."""
    following, after = np.zeros(x.shape), np.zeros(x.shape)
    for j in range(series.shape[1] - 1, 0, -1):
        following, after = series[:, j] + (2 * j + 1) / (j + 1) * x * following - (j + 1) / (j + 2) * after, following
    total: Floats = series[:, 0] + x * following - 0.5 * after
    return total


def _values(series: Floats) -> Floats:
    """The series at its own Gauss-Legendre nodes."""
    m = series.shape[1]
    values: Floats = series @ np.polynomial.legendre.legvander(gauss_legendre(m)[0], m - 1).T
    return values


def _edges(panels: Panels) -> Floats:
    """Ends of the panels as x, rising."""
    low = np.where(panels.side == 1, panels.stop, panels.start)
    high = np.where(panels.side == 1, panels.start, panels.stop)
    t, side = np.append(low, high[-1]), np.append(panels.side, panels.side[-1])
    # 1 / 0 is meant: it is where a tail ends.
    with np.errstate(divide="ignore"):
        return np.where(side == 0, t, panels.centre + side / np.where(side == 0, 1.0, t))
