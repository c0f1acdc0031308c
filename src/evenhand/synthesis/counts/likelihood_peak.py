"""The highest point of a smooth likelihood of a few parameters, its curvature there, and whether it is one.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

All derivatives are central differences of fourth order from one batched call; steps are Newton's, turned uphill where
the surface is not concave, cut to a trusted length, and taken only where the likelihood grows.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats

_STEP = 0.02  # of a difference, in units of the parameter's own standard error
_MOST_STEPS = 60
_INNER_STEP = 0.003
_MOST_INNER_STEPS = 80
_CUTS = np.array([1.0, 0.5, 0.25, 0.1, 0.03, 0.01, 1e-3, 1e-4])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Peak:
    """Where a likelihood is highest."""

    at: Floats  # (p,)
    value: float
    information: Floats  # (p, p): minus the second derivatives
    converged: bool


def climb(log_likelihood: Callable[[Floats], Floats], start: Floats, *, scale: Floats | None = None) -> Peak:
    """The peak reached from `start`.

    Parameters
    ----------
    log_likelihood : callable
        From parameters of shape (m, p) to values of shape (m,).
    start : ndarray, shape (p,)
    scale : ndarray, shape (p,), optional
        About the standard errors of the parameters; found on the way where not given.
    """
    at = np.asarray(start, dtype=np.float64)
    units = np.full(at.size, 0.1) if scale is None else scale
    trusted, fineness = 2.0, 1.0
    value, gradient, hessian = _differences(log_likelihood, at, units)
    for _ in range(_MOST_STEPS):
        units = _own_units(hessian, units)
        scaled_gradient, scaled = gradient * units, -hessian * np.outer(units, units)
        if not (np.isfinite(scaled_gradient).all() and np.isfinite(scaled).all()):
            break
        step = _uphill(scaled_gradient, scaled)
        length = float(np.linalg.norm(step))
        if length < 1e-7:
            break
        step *= min(1.0, trusted / length)
        tried = at + _CUTS[:, None] * step * units
        values = log_likelihood(tried)
        best = int(np.nanargmax(values)) if np.isfinite(values).any() else 0
        if not values[best] > value:
            if length < 1e-4 or fineness < 0.02:
                # Nothing gained beyond rounding: as high as numbers tell.
                break
            # Near an inflection the curvature is no guide to the scale on which the surface changes.
            fineness *= 0.25
            value, gradient, hessian = _differences(log_likelihood, at, fineness * units)
            continue
        trusted = min(2 * trusted, 64.0) if best == 0 else max(0.1, trusted * float(_CUTS[best]))
        at = tried[best]
        value, gradient, hessian = _differences(log_likelihood, at, fineness * units)
    slope = float(np.abs(gradient * units).max()) if np.isfinite(gradient).all() else math.inf
    return Peak(at=at, value=value, information=-hessian, converged=slope < 1e-4)


def _uphill(gradient: Floats, information: Floats) -> Floats:
    """Newton's step with every curvature taken as positive."""
    values, vectors = np.linalg.eigh(information)
    floor = 1e-6 * max(1.0, float(np.abs(values).max()))
    step: Floats = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), floor))
    return step


def _own_units(hessian: Floats, before: Floats) -> Floats:
    """1 / √curvature a parameter: what it would have as standard error, were the others known."""
    curvature = np.abs(np.diag(hessian))
    with np.errstate(divide="ignore"):
        units = np.where(curvature > 1e-8, curvature**-0.5, before)
    return np.clip(units, 0.02 * before, 50 * before)


def _differences(log_likelihood: Callable[[Floats], Floats], at: Floats, units: Floats) -> tuple[float, Floats, Floats]:
    """Value, first and second derivatives at one point."""
    value, gradient, hessian = differences(log_likelihood, at, _STEP * units)
    return float(value), gradient, hessian


def differences(function: Callable[[Floats], Floats], at: Floats, steps: Floats) -> tuple[Floats, Floats, Floats]:
    """Value, first and second derivatives of many functions of p parameters, at a point of each.

    Parameters
    ----------
    function : callable
        From (m, p, ...) to (m, ...).
    at, steps : ndarray, shape (p, ...)
        Points, and the steps of the differences.

    Returns
    -------
    value : ndarray, shape (...)
    gradient : ndarray, shape (p, ...)
    hessian : ndarray, shape (p, p, ...)
    """
    p = at.shape[0]
    unit = np.eye(p)
    moves = [np.zeros(p)]
    for i in range(p):
        moves += [times * unit[i] for times in (1, -1, 2, -2)]
    pairs = [(i, j) for i in range(p) for j in range(i)]
    for i, j in pairs:
        for times in (1, 2):
            moves += [
                times * (unit[i] + unit[j]), times * (-unit[i] - unit[j]),
                times * (unit[i] - unit[j]), times * (unit[j] - unit[i]),
            ]  # fmt: skip
    moved = np.array(moves).reshape(len(moves), p, *[1] * (at.ndim - 1))
    values = function(at + moved * steps)
    middle = values[0]
    along = values[1 : 1 + 4 * p].reshape(p, 4, *values.shape[1:])
    gradient = (8 * (along[:, 0] - along[:, 1]) - (along[:, 2] - along[:, 3])) / (12 * steps)
    hessian = np.zeros((p, p, *values.shape[1:]))
    second = (16 * (along[:, 0] + along[:, 1]) - (along[:, 2] + along[:, 3]) - 30 * middle) / (12 * steps**2)
    for i in range(p):
        hessian[i, i] = second[i]
    for (i, j), row in zip(pairs, values[1 + 4 * p :].reshape(-1, 2, 4, *values.shape[1:]), strict=True):
        near, far = (four[0] + four[1] - four[2] - four[3] for four in row)
        # Richardson's extrapolation of the four-point difference, whose error falls with the square of the step.
        hessian[i, j] = hessian[j, i] = (4 * near - far / 4) / (12 * steps[i] * steps[j])
    return middle, gradient, hessian


def highest_of_each(
    log_likelihood: Callable[[Floats], Floats], start: Floats, *, unit: Floats | float = 1.0, bound: float = 60.0
) -> tuple[Floats, Floats]:
    """Places and values of the highest points of many concave functions of one variable each.

    Parameters
    ----------
    log_likelihood : callable
        From (m, ...) to (m, ...).
    start : ndarray, shape (...)
    unit : ndarray or float
        About the standard error of each.
    bound : float
        How far from 0 to look; a function that rises for ever is taken there.
    """
    at = np.array(start, dtype=np.float64)
    units = np.broadcast_to(np.asarray(unit, dtype=np.float64), at.shape).copy()
    low, high = np.full(at.shape, -bound), np.full(at.shape, bound)
    moves = np.array([0.0, -1.0, 1.0]).reshape(3, *[1] * at.ndim)
    value = np.full(at.shape, -math.inf)
    last = before_last = np.full(at.shape, math.inf)
    for _ in range(_MOST_INNER_STEPS):
        steps = _INNER_STEP * units
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            here, before, after = np.nan_to_num(log_likelihood(at + moves * steps), nan=-1e300, neginf=-1e300)
        value = here
        slope = (after - before) / (2 * steps)
        curvature = -(after - 2 * here + before) / steps**2
        low, high = np.where(slope > 0, at, low), np.where(slope < 0, at, high)
        curvature = np.maximum(curvature, 1e-12)
        units = np.clip(curvature**-0.5, 0.05 * units, 2 * units)
        move = np.clip(slope / curvature, -4 * units, 4 * units)
        # The value's error is half the square of this.
        settled = np.abs(move) < 3e-7 * units
        if settled.all():
            break
        step = at + move
        good = (step > low) & (step < high) & (np.abs(move) < 0.7 * before_last)
        following = np.where(settled, at, np.where(good, step, 0.5 * (low + high)))
        before_last, last = last, np.where(good | settled, np.abs(move), math.inf)
        at = following
    return at, value
