"""The largest value of a smooth function of a few bounded parameters, by Newton's steps from several places.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Where the function curves the wrong way, the step follows the absolute curvature, so that it climbs away from a saddle
instead of towards it. A step goes no further than leaves the function higher.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats

_MOST_STEPS = 300
_HALVINGS = 50
_FLATTEST = 1e-12  # curvature, of the largest, below which a direction counts as flat
_SETTLED = 1e-20  # expected rise: half the squared length of a Newton step, in standard errors
_NOISE = 1e-13  # relative rounding of the function
_NEAR = 1e-2  # expected rise below which a climb may be known to end on a peak already found
_POLISHING = 1  # steps whose rise is below the rounding, taken for the parameters' last digits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """Where the climb ended."""

    theta: Floats
    value: float
    gradient: Floats
    hessian: Floats
    at_bound: tuple[bool, ...]
    converged: bool  # the gradient vanishes, or points out of the bounds, to rounding


Expansion = Callable[[Floats], tuple[float, Floats, Floats]]


def climb(
    value: Callable[[Floats], float],
    expansion: Expansion,
    start: Floats,
    lowest: Floats,
    highest: Floats,
    known: Sequence[Maximum] = (),
) -> Maximum | None:
    """From `start`, of finite value, uphill to a maximum within the bounds; None where that is one already known."""
    theta = np.clip(start, lowest, highest)
    here, gradient, hessian = expansion(theta)
    converged = False
    settled = 0
    for _ in range(_MOST_STEPS):
        held = ((theta <= lowest) & (gradient < 0)) | ((theta >= highest) & (gradient > 0))
        free = np.flatnonzero(~held)
        step = np.zeros_like(theta)
        if free.size:
            step[free] = _uphill(gradient[free], hessian[np.ix_(free, free)])
        expected = 0.5 * float(gradient @ step)
        if expected < _NEAR and any(_beside(theta + step, peak) for peak in known):
            return None
        noise = _NOISE * max(1.0, abs(here))
        settled += expected <= noise
        converged = expected <= _SETTLED or settled > _POLISHING
        if converged:
            break
        moved = _higher(value, theta, here, step, gradient, lowest, highest, noise)
        if moved is None:
            converged = expected <= 1e4 * noise
            break
        theta = moved
        here, gradient, hessian = expansion(theta)
    return Maximum(
        theta=theta,
        value=here,
        gradient=gradient,
        hessian=hessian,
        at_bound=tuple(((theta <= lowest) | (theta >= highest)).tolist()),
        converged=converged,
    )


def hills(
    value: Callable[[Floats], float],
    expansion: Expansion,
    starts: Sequence[Sequence[Floats]],
    lowest: Floats,
    highest: Floats,
) -> list[Maximum]:
    """The maxima found by one climb from each group of starts, from the highest of the group; the highest first.

    Groups keep apart what would otherwise all end on one hill. Nothing is found where the function is finite nowhere.
    """
    found: list[Maximum] = []
    for group in starts:
        places = [np.clip(start, lowest, highest) for start in group]
        heights = np.array([value(place) for place in places])
        if np.isfinite(heights).any():
            best = places[int(np.argmax(np.where(np.isfinite(heights), heights, -np.inf)))]
            reached = climb(value, expansion, best, lowest, highest, found)
            if reached is not None and not any(_same(reached, other) for other in found):
                found.append(reached)
    return sorted(found, key=lambda maximum: -maximum.value)


def _beside(theta: Floats, peak: Maximum) -> bool:
    """Whether a place is within a hundredth of a standard error, other parameters held, of a peak."""
    return bool((np.abs(theta - peak.theta) * np.sqrt(np.abs(np.diagonal(peak.hessian))) < 0.01).all())


def _same(one: Maximum, other: Maximum) -> bool:
    """Whether two climbs ended on one hill: at one height, or on a ridge that is as flat as rounding between them."""
    return abs(one.value - other.value) <= 1e-7 * max(1.0, abs(other.value))


def _uphill(gradient: Floats, hessian: Floats) -> Floats:
    """A Newton step with every curvature taken as downward, on parameters scaled to like curvature."""
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diagonal(hessian)), 1e-200))
    curvature, directions = np.linalg.eigh(hessian * np.outer(scale, scale))
    size = np.maximum(np.abs(curvature), _FLATTEST * max(1.0, float(np.abs(curvature).max())))
    return np.asarray(scale * (directions @ ((directions.T @ (scale * gradient)) / size)))


def _higher(
    value: Callable[[Floats], float],
    theta: Floats,
    here: float,
    step: Floats,
    gradient: Floats,
    lowest: Floats,
    highest: Floats,
    noise: float,
) -> Floats | None:
    """A place along the step, bent at the bounds, that is higher by a fair part of what the slope promises."""
    for halving in range(_HALVINGS):
        place = np.clip(theta + step * 0.5**halving, lowest, highest)
        if np.array_equal(place, theta):
            return None
        there = value(place)
        if there >= here + 1e-4 * float(gradient @ (place - theta)) - noise:
            return place
    return None
