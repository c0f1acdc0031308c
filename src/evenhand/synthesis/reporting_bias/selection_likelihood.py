"""Log likelihood of a selection model, with its exact gradient and Hessian.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Study i counts log w(y_i) + log φ(y_i; x_iβ, v_i + τ²) − log A_i (Hedges 1992, Statist. Sci. 7, 246-255, eq. 4).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.synthesis.reporting_bias.selection_cells import Cells, masses, on_edges, panels, values
from evenhand.synthesis.reporting_bias.selection_weights import LogWeights, WeightFunction

_SMALLEST = 1e-140  # chance of being seen whose square double precision can still divide by
_UNSEEN = 8.5  # |z| beyond which p or 1 − p is below 1e-17, and a smooth weight is at its limit
_FAR_UNSEEN = 88.0  # the same for p^(1/100)
_FAINTEST = 1e-12  # weight of an interval that has a study
_RATIO = 4.0  # of panels towards z = 0, where the weight of a two-sided p near 1 bends


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellWeights:
    """Weights of the cells, (1, c) or (k, c), with their derivatives in the parameters."""

    value: Floats
    first: tuple[Floats, ...]
    second: tuple[tuple[Floats, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Selection:
    """One way to select, prepared for k studies: its cells, and the weights there and at the studies themselves."""

    cells: Cells
    of_cells: Callable[[Floats], CellWeights]
    of_studies: Callable[[Floats], LogWeights]  # shape (k,)
    null: Floats
    lowest: Floats
    starts: tuple[Floats, ...]


def smooth_selection(
    weight: WeightFunction, zi: Floats, precision: Floats | None, *, two_sided: bool, threshold: float | None
) -> Selection:
    """A weight function of the p-value, 1 up to the `threshold`."""
    from scipy.special import erf, log_ndtr, ndtri

    sides = 2.0 if two_sided else 1.0
    seen = _FAR_UNSEEN if weight.tail_of_p else _UNSEEN
    if threshold is not None:
        top = -float(ndtri(threshold / sides))
    else:
        top = -float(ndtri(weight.p_floor / sides)) if weight.p_floor else seen
    bottom = -float(ndtri(1 - weight.p_floor)) if weight.p_floor else -_UNSEEN
    if two_sided:
        # p is 1 in the middle, and falls to both sides.
        middle = float(ndtri(0.5 + 0.5 * weight.p_floor)) if weight.p_floor else 0.0
        half, half_heavy = _towards_middle(middle, top)
        nodes, heavy = np.concatenate([-half[::-1], half]), np.concatenate([half_heavy[::-1], half_heavy])
        lower, upper, where = [-np.inf, -middle, top], [-top, middle, np.inf], [top, middle, top]
    else:
        nodes, heavy = panels(bottom, top)
        lower, upper, where = [-np.inf, top], [bottom, np.inf], [bottom, top]
    cells = Cells(lower=np.array([lower]), upper=np.array([upper]), nodes=nodes[None, :], node_weights=heavy[None, :])

    def logs(z: Floats) -> tuple[Floats, Floats]:
        if two_sided:
            with np.errstate(divide="ignore"):
                log_p, log_q = math.log(2) + log_ndtr(-np.abs(z)), np.log(erf(np.abs(z) / math.sqrt(2)))
        else:
            log_p, log_q = log_ndtr(-z), log_ndtr(z)
        if weight.p_floor:
            low, high = math.log(weight.p_floor), math.log1p(-weight.p_floor)
            return np.clip(log_p, low, high), np.clip(log_q, low, high)
        return log_p, log_q

    ones = np.ones((1, 1)) if precision is None else precision[:, None]
    at_cells = np.concatenate([np.array(where), nodes])[None, :]
    log_p_cells, log_q_cells = logs(at_cells)
    log_p_studies, log_q_studies = logs(zi)
    whole_cells = np.zeros(at_cells.size, dtype=bool)
    whole_studies = np.zeros(zi.size, dtype=bool)
    if threshold is not None:
        whole_cells[: len(where)] = np.array(where) == top
        whole_studies = log_p_studies <= math.log(threshold)
    free_cells, free_studies = (~whole_cells).astype(np.float64), (~whole_studies).astype(np.float64)

    def of_cells(delta: Floats) -> CellWeights:
        logs_there = weight.log_weights(log_p_cells, log_q_cells, ones, delta)
        value = np.exp(free_cells * logs_there.value)
        first = tuple(free_cells * slope for slope in logs_there.first)
        return CellWeights(
            value=value,
            first=tuple(value * slope for slope in first),
            second=tuple(
                tuple(value * (first[a] * first[b] + free_cells * bend) for b, bend in enumerate(row))
                for a, row in enumerate(logs_there.second)
            ),
        )

    def of_studies(delta: Floats) -> LogWeights:
        found = weight.log_weights(log_p_studies, log_q_studies, ones[:, 0], delta)
        return LogWeights(
            value=free_studies * found.value,
            first=tuple(free_studies * slope for slope in found.first),
            second=tuple(tuple(free_studies * bend for bend in row) for row in found.second),
        )

    return Selection(
        cells=cells,
        of_cells=of_cells,
        of_studies=of_studies,
        null=np.array(weight.null),
        lowest=np.array(weight.lowest),
        starts=tuple(np.array(start) for start in weight.starts),
    )


def _towards_middle(middle: float, top: float) -> tuple[Floats, Floats]:
    """Panels from `middle`, just above 0, to `top`: widening at first, where the weight of p near 1 is steep."""
    if middle == 0.0:
        return panels(0.0, top)
    edges = np.array([middle * _RATIO**i for i in range(math.ceil(math.log(0.7 / middle, _RATIO)))])
    edges = edges[edges < top]
    steep, rest = on_edges(edges), panels(float(edges[-1]), top)
    return np.concatenate([steep[0], rest[0]]), np.concatenate([steep[1], rest[1]])


def step_selection(cuts: Floats, interval: npt.NDArray[np.intp], *, mirrored: bool) -> Selection:
    """A weight constant between cutpoints.

    Parameters
    ----------
    cuts : ndarray, shape (1 or k, j)
        In z, falling: interval 0, of weight 1, lies beyond the first, interval j below the last.
    interval : ndarray of int, shape (k,)
        Where each study lies.
    mirrored : bool
        The cuts are in |z|.
    """
    rows, steps = cuts.shape
    ends = np.concatenate([np.full((rows, 1), np.inf), cuts], axis=1)
    starts_at = np.concatenate([cuts, np.full((rows, 1), 0.0 if mirrored else -np.inf)], axis=1)
    which = np.arange(steps + 1)
    lower, upper = starts_at, ends
    if mirrored:
        lower, upper = np.concatenate([lower, -ends], axis=1), np.concatenate([upper, -starts_at], axis=1)
        which = np.concatenate([which, which])
    cells = Cells(lower=lower, upper=upper, nodes=np.empty((1, 0)), node_weights=np.empty((1, 0)))
    belongs = [(which == step + 1).astype(np.float64)[None, :] for step in range(steps)]
    nothing = np.zeros((1, which.size))
    has = [(interval == step + 1).astype(np.float64) for step in range(steps)]
    counts = np.array([lies.sum() for lies in has])

    def of_cells(delta: Floats) -> CellWeights:
        return CellWeights(
            value=np.concatenate([[1.0], delta])[which][None, :],
            first=tuple(belongs),
            second=tuple(tuple(nothing for _ in range(steps)) for _ in range(steps)),
        )

    def of_studies(delta: Floats) -> LogWeights:
        # An interval without a study may have weight 0; one with a study cannot.
        with np.errstate(divide="ignore"):
            logs = np.where(counts > 0, np.log(np.where(counts > 0, delta, 1.0)), 0.0)
        slopes = np.where((counts > 0) & (delta > 0), 1.0 / np.where(delta > 0, delta, 1.0), 0.0)
        absent = np.zeros(interval.size)
        return LogWeights(
            value=np.concatenate([[0.0], logs])[interval],
            first=tuple(lies * slope for lies, slope in zip(has, slopes, strict=True)),
            second=tuple(
                tuple(-has[a] * slopes[a] ** 2 if a == b else absent for b in range(steps)) for a in range(steps)
            ),
        )

    return Selection(
        cells=cells,
        of_cells=of_cells,
        of_studies=of_studies,
        null=np.ones(steps),
        # A weight of 0 denies the studies that are there: where the likelihood is flat towards it, the search ends.
        lowest=np.where(counts > 0, _FAINTEST, 0.0),
        starts=(np.full(steps, 0.5), np.full(steps, 0.1), np.full(steps, 2.0)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelectionLikelihood:
    """The log likelihood of θ = (β, τ², δ) for k studies."""

    yi: Floats
    vi: Floats
    X: Floats  # (k, p)
    selection: Selection

    def value(self, theta: Floats) -> float:
        """The log likelihood; −∞ where a study could not have been seen."""
        mu, var, delta = self._parts(theta)
        chance = (self.selection.of_cells(delta).value * values(self.selection.cells, mu, var, self.vi)).sum(axis=1)
        if not (chance > _SMALLEST).all():
            return -math.inf
        logs = self.selection.of_studies(delta).value - 0.5 * (np.log(2 * math.pi * var) + (self.yi - mu) ** 2 / var)
        return float((logs - np.log(chance)).sum())

    def expansion(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Log likelihood, gradient and Hessian, of finite value."""
        mu, var, delta = self._parts(theta)
        weights, studies = self.selection.of_cells(delta), self.selection.of_studies(delta)
        orders, d = masses(self.selection.cells, mu, var, self.vi), len(weights.first)
        stack = [weights.value, *weights.first, *(weights.second[a][b] for a in range(d) for b in range(a + 1))]
        rows = max(weight.shape[0] for weight in stack)
        # (5, k, 1 + d + d (d + 1) / 2): derivatives in μ of the chance of being seen, and of its derivatives in δ.
        totals = (
            orders @ np.concatenate(stack).T
            if rows == 1
            else np.stack([np.einsum("okc,kc->ok", orders, weight) for weight in np.broadcast_arrays(*stack)], axis=2)
        )
        chance = totals[0, :, 0]
        residual = self.yi - mu
        value = studies.value - 0.5 * (np.log(2 * math.pi * var) + residual**2 / var) - np.log(chance)
        slope, bend = np.empty((2 + d, mu.size)), np.empty((2 + d, 2 + d, mu.size))
        slope[0], slope[1] = totals[1, :, 0], 0.5 * totals[2, :, 0]
        bend[0, 0], bend[1, 1] = totals[2, :, 0], 0.25 * totals[4, :, 0]
        bend[0, 1] = bend[1, 0] = 0.5 * totals[3, :, 0]
        for a in range(d):
            slope[2 + a] = totals[0, :, 1 + a]
            bend[0, 2 + a] = bend[2 + a, 0] = totals[1, :, 1 + a]
            bend[1, 2 + a] = bend[2 + a, 1] = 0.5 * totals[2, :, 1 + a]
            for b in range(a + 1):
                bend[2 + a, 2 + b] = bend[2 + b, 2 + a] = totals[0, :, 1 + d + a * (a + 1) // 2 + b]
        # From derivatives of the chance to those of minus its logarithm; then the studies' own terms.
        slope /= chance
        bend = slope[:, None] * slope[None, :] - bend / chance
        slope = -slope
        slope[0] += residual / var
        slope[1] += 0.5 * (residual**2 / var - 1) / var
        bend[0, 0] -= 1 / var
        bend[0, 1] -= residual / var**2
        bend[1, 0] -= residual / var**2
        bend[1, 1] += (0.5 - residual**2 / var) / var**2
        for a in range(d):
            slope[2 + a] += studies.first[a]
            for b in range(d):
                bend[2 + a, 2 + b] += studies.second[a][b]
        return float(value.sum()), *self._in_theta(slope, bend)

    def _parts(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        p = self.X.shape[1]
        return self.X @ theta[:p], self.vi + theta[p], theta[p + 1 :]

    def _in_theta(self, slope: Floats, bend: Floats) -> tuple[Floats, Floats]:
        """From derivatives in each study's (μ, σ², δ) to the gradient and Hessian in θ."""
        p, d = self.X.shape[1], slope.shape[0] - 2
        gradient, hessian = np.empty(p + 1 + d), np.empty((p + 1 + d, p + 1 + d))
        gradient[:p] = slope[0] @ self.X
        gradient[p:] = slope[1:].sum(axis=1)
        hessian[:p, :p] = (self.X.T * bend[0, 0]) @ self.X
        hessian[:p, p:] = (bend[0, 1:] @ self.X).T
        hessian[p:, :p] = hessian[:p, p:].T
        hessian[p:, p:] = bend[1:, 1:].sum(axis=2)
        return gradient, hessian
