"""Weighted least squares for many fits at once: what every estimator asks of P = W − WX(X'WX)⁻¹X'W.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Arrays lie as (k, m): studies down, fits across, so that a sum over studies runs along memory. An effect, variance or
column that all fits share has shape (k, 1). A study left out of a fit has weight 0 there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats

_HEAVY = 0.9  # share of the weight from which 1 − share is summed from the other studies, lest digits cancel
_RANK_TOLERANCE = 1e-7  # of a column's length, left after the columns before it are taken out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """Of m fits, each entry of shape (m,) unless said otherwise."""

    y_p_y: Floats  # y'Py, the weighted sum of squares about the fit
    y_pp_y: Floats
    y_ppp_y: Floats
    tr_w: Floats
    tr_ww: Floats
    tr_p: Floats
    tr_pp: Floats
    log_det: Floats  # log |X'WX|
    basis: tuple[Floats, ...]  # p orthonormal columns of W^½ X, each (k, m)
    triangle: tuple[tuple[Floats, ...], ...]  # R of W^½ X = QR; row a holds columns a to p − 1
    loadings: tuple[Floats, ...]  # Q'W^½ y


def projected(yi: Floats, weights: Floats, columns: Sequence[Floats]) -> Projection:
    """Project effects (k, m) off weighted columns by Gram and Schmidt, each fit with its own weights (k, m)."""
    if len(columns) == 1 and columns[0].shape == (1, 1):
        return _about_the_mean(yi, weights)
    root = np.sqrt(weights)
    basis: list[Floats] = []
    rows: list[list[Floats]] = [[] for _ in columns]
    for a, column in enumerate(columns):
        left = root * column
        for b, direction in enumerate(basis):
            part = _sum(direction, left)
            rows[b].append(part)
            left = left - part * direction
        length = np.sqrt(_sum(left, left))
        rows[a].append(length)
        basis.append(left / length)
    residual = root * yi
    loadings = []
    for direction in basis:
        part = _sum(direction, residual)
        loadings.append(part)
        residual = residual - part * direction
    weighted = weights * residual
    tr_p, tr_pp = weights.sum(axis=0), _sum(weights, weights)
    tr_w, tr_ww = tr_p, tr_pp
    y_ppp_y = _sum(weighted, weighted)
    for a, direction in enumerate(basis):
        heavy = weights * direction
        inner = _sum(heavy, direction)
        tr_p = tr_p - inner
        tr_pp = tr_pp - 2 * _sum(heavy, heavy) + inner**2
        for other in basis[:a]:
            tr_pp = tr_pp + 2 * _sum(heavy, other) ** 2
        y_ppp_y = y_ppp_y - _sum(heavy, residual) ** 2
    return Projection(
        y_p_y=_sum(residual, residual),
        y_pp_y=_sum(weighted, residual),
        y_ppp_y=y_ppp_y,
        tr_w=tr_w,
        tr_ww=tr_ww,
        tr_p=tr_p,
        tr_pp=tr_pp,
        log_det=np.asarray(2 * sum(np.log(row[0]) for row in rows)),
        basis=tuple(basis),
        triangle=tuple(tuple(row) for row in rows),
        loadings=tuple(loadings),
    )


def _about_the_mean(yi: Floats, weights: Floats) -> Projection:
    """The same for an intercept alone, in half the passes."""
    s1 = weights.sum(axis=0)
    mean = _sum(weights, yi) / s1
    residual = yi - mean
    weighted = weights * residual
    s2 = _sum(weights, weights)
    cross = _sum(weights, weighted)
    length = np.sqrt(s1)
    tr_p = s1 - s2 / s1
    tr_pp = s2 - 2 * np.einsum("ij,ij,ij->j", weights, weights, weights) / s1 + (s2 / s1) ** 2
    if (uneven := np.flatnonzero(s2 > _HEAVY**2 * s1**2)).size:
        tr_p[uneven], tr_pp[uneven] = _traces_about_the_mean(np.broadcast_to(weights, residual.shape)[:, uneven])
    return Projection(
        y_p_y=_sum(weighted, residual),
        y_pp_y=_sum(weighted, weighted),
        y_ppp_y=np.einsum("ij,ij,ij->j", weights, weighted, weighted) - cross**2 / s1,
        tr_w=s1,
        tr_ww=s2,
        tr_p=tr_p,
        tr_pp=tr_pp,
        log_det=np.log(s1),
        basis=(),
        triangle=((length,),),
        loadings=(mean * length,),
    )


def _traces_about_the_mean(weights: Floats) -> tuple[Floats, Floats]:
    """tr P and tr PP as sums of positive terms, which cannot cancel where one study has nearly all the weight."""
    before = np.zeros_like(weights)
    before[1:] = np.cumsum(weights[:-1], axis=0)
    after = np.zeros_like(weights)
    after[:-1] = np.cumsum(weights[:0:-1], axis=0)[::-1]
    total = weights.sum(axis=0)
    own = weights * ((before + after) / total)  # the diagonal of P; beside it stand −wᵢwⱼ/Σw
    squares = (weights / total) * weights
    pairs = (squares[1:] * np.cumsum((weights * weights)[:-1], axis=0)).sum(axis=0) / total
    return own.sum(axis=0), (own**2).sum(axis=0) + 2 * pairs


def coefficients(projection: Projection) -> Floats:
    """The coefficients, shape (p, m), by back substitution."""
    triangle, p = projection.triangle, len(projection.triangle)
    solved: list[Floats] = [projection.loadings[-1]] * p
    for a in reversed(range(p)):
        rest = sum((triangle[a][b - a] * solved[b] for b in range(a + 1, p)), np.zeros(1))
        solved[a] = (projection.loadings[a] - rest) / triangle[a][0]
    return np.stack(solved)


def inverse_triangle(projection: Projection) -> Floats:
    """R⁻¹, shape (p, p, m): the coefficients' covariance is R⁻¹R⁻ᵀ, an outcome's leverage the squares of Q."""
    triangle, p = projection.triangle, len(projection.triangle)
    inverse = np.zeros((p, p, triangle[0][0].size))
    for column in range(p):
        inverse[column, column] = 1.0 / triangle[column][0]
        for a in reversed(range(column)):
            rest = sum((triangle[a][b - a] * inverse[b, column] for b in range(a + 1, column + 1)), np.zeros(1))
            inverse[a, column] = -rest / triangle[a][0]
    return inverse


def full_rank(used: Floats, columns: Sequence[Floats]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the columns, among the studies used (k, m), tell their coefficients apart; shape (m,)."""
    fits = used.sum(axis=0) >= len(columns)
    basis: list[Floats] = []
    for column in columns:
        left = used * column
        whole = np.sqrt(_sum(left, left))
        # Twice, as one pass of Gram and Schmidt leaves rounding where the columns are nearly alike.
        for _ in range(2):
            for direction in basis:
                left = left - _sum(direction, left) * direction
        length = np.sqrt(_sum(left, left))
        good = length > _RANK_TOLERANCE * whole
        fits &= good
        basis.append(left / np.where(good, length, 1.0))
    return np.asarray(fits)


def _sum(a: Floats, b: Floats) -> Floats:
    """Sums over studies of a · b, without the array of products."""
    return np.asarray(np.einsum("ij,ij->j", a, b))
