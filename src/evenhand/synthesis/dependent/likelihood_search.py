"""The highest place of a likelihood in several parameters, found by Newton steps that can only go up.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

The slope is exact; the curvature is its differences, corrected from step to step by what the slope did, and taken anew
where a step failed and where the search would end. Directions in which the likelihood curves upwards are turned
round, so that a saddle, such as a variance that was 0 and should not be, is left and not settled on. A step that does
not go up is shortened until it does. Where it ends is judged by what a further step could gain.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.grouped_rows import Flags, Integers

Objective = Callable[[Floats], tuple[float, Floats]]  # parameters → log likelihood, slope

_MOST_STEPS = 100
_GAIN = 1e-11  # of log likelihood that a full step may still promise at the end; the step is then taken, and squares it
_SHORT_OF_ZERO = 0.02  # what is left of a parameter by a step towards an end that it may not cross
_FLAT = 1e-9  # curvature below this share of the largest is that of a direction the data say nothing of


@dataclass(frozen=True, slots=True, eq=False)
class Peak:
    """Where a search ended."""

    x: Floats
    log_likelihood: float
    converged: bool
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Domain:
    """What a search may do with each of q parameters."""

    free: Flags  # (q,): False keeps its value
    positive: Flags  # (q,): stays above 0, as its other sign is another model
    scale: Floats  # (q,): how large a step is


def climb(objective: Objective, start: Floats, domain: Domain, *, known: Sequence[Peak] = ()) -> Peak:
    """Climb from `start`, shape (q,); a climb that comes close to a `known` peak ends there."""
    scale = domain.scale
    moving = np.flatnonzero(domain.free)
    x = start.astype(np.float64)
    height, slope = objective(x)
    if not moving.size or not math.isfinite(height):
        return Peak(x, height, math.isfinite(height), 0)
    radius, second, fresh = 2.0, curvature(objective, x, slope, moving, scale), True
    for steps in range(1, _MOST_STEPS + 1):
        step, gain = _step_inside(second, slope, x, moving, domain, radius)
        noise = 4e-15 * (abs(height) + 100.0 * start.size)
        new, new_height, new_slope, length = _uphill(objective, x, height, slope, step, noise)
        ended = length == 0.0 or (gain < _GAIN and length == 1.0)
        if length > 0.0:
            second = _updated(second, (new - x)[moving], (new_slope - slope)[moving])
            x, height, slope = new, new_height, new_slope
            for peak in known:
                if height > peak.log_likelihood - 0.05 and _close(x, peak.x, scale):
                    return peak
        if ended and fresh:
            # Where nothing higher lies along the step, this is the peak to the last digit, or the search is stuck.
            return Peak(x, height, length > 0.0 or gain < 1e-7, steps)
        fresh = ended or length < 1.0
        if fresh:
            second = curvature(objective, x, slope, moving, scale)
        radius = min(8.0, 2.0 * radius) if length == 1.0 else max(0.05, 2.0 * length * radius)
    return Peak(x, height, False, _MOST_STEPS)


def _updated(second: Floats, moved: Floats, changed: Floats) -> Floats:
    """Second derivatives corrected by what the slope did along a step: the symmetric correction of rank one.

    Nocedal & Wright (2006), Numerical Optimization, eq. 6.24 and 6.26.
    """
    missed = changed - second @ moved
    along = float(missed @ moved)
    if not abs(along) > 1e-8 * float(np.linalg.norm(missed) * np.linalg.norm(moved)):
        return second
    return second + np.multiply.outer(missed, missed) / along


def _close(x: Floats, other: Floats, scale: Floats) -> bool:
    """Whether two places are in one basin; roots of variances count without their sign."""
    return bool((np.abs(np.abs(x) - np.abs(other)) < 0.15 * scale).all())


def curvature(objective: Objective, x: Floats, slope: Floats, moving: Integers, scale: Floats) -> Floats:
    """Second derivatives in the moving parameters, by differences of the slope, shape (moving, moving)."""
    second = np.empty((moving.size, moving.size))
    for place, j in enumerate(moving):
        near = x.copy()
        near[j] += 1e-5 * max(0.1 * scale[j], abs(x[j]))
        height, changed = objective(near)
        if not math.isfinite(height):
            near[j] = 2 * x[j] - near[j]
            height, changed = objective(near)
        if not math.isfinite(height):
            return np.full((moving.size, moving.size), np.nan)
        second[place] = (changed[moving] - slope[moving]) / (near[j] - x[j])
    return 0.5 * (second + second.T)


def _step_inside(
    second: Floats, slope: Floats, x: Floats, moving: Integers, domain: Domain, radius: float
) -> tuple[Floats, float]:
    """A Newton step that stops short of 0 where it may not be crossed, and what it promises to gain.

    A parameter whose peak is at that end loses most of itself in each step, until it is 0 to the last digits.
    """
    step, gain = _newton_step(second, slope, moving, domain.scale, radius)
    out = domain.positive & domain.free & (x + step < _SHORT_OF_ZERO * x)
    if not out.any():
        return step, gain
    held = -(1.0 - _SHORT_OF_ZERO) * np.where(out, x, 0.0)
    inner = ~out[moving]
    gain = abs(float(slope @ held))
    if not inner.any():
        return held, gain
    pull = second[np.ix_(inner, ~inner)] @ held[moving][~inner] if np.isfinite(second).all() else 0.0
    changed = slope.copy()
    changed[moving[inner]] += pull
    rest, rest_gain = _newton_step(second[np.ix_(inner, inner)], changed, moving[inner], domain.scale, radius)
    short = domain.positive & (x + rest < _SHORT_OF_ZERO * x)
    rest[short] = -(1.0 - _SHORT_OF_ZERO) * x[short]
    return held + rest, gain + rest_gain


def _newton_step(second: Floats, slope: Floats, moving: Integers, scale: Floats, radius: float) -> tuple[Floats, float]:
    """Step, and how much a step to the top of the parabola would gain."""
    size = scale[moving]
    step = np.zeros_like(slope)
    if not np.isfinite(second).all():
        direction = slope[moving] * size**2
        step[moving] = direction * min(1.0, 0.1 / (float(np.abs(direction / size).max()) or 1.0))
        return step, math.inf
    bends, axes = np.linalg.eigh(-second * np.multiply.outer(size, size))
    along = axes.T @ (slope[moving] * size)
    steepest = max(float(np.abs(bends).max()), 1e-300)
    bent = np.maximum(np.abs(bends), _FLAT * steepest)
    # Along what the data say nothing of, a slope is rounding, and a step along it goes nowhere.
    silent = (np.abs(bends) < _FLAT * steepest) & (np.abs(along) < 1e-9 * max(1.0, float(np.abs(along).max())))
    move = np.where(silent, 0.0, along / bent)
    gain = 0.5 * float(np.where(silent, 0.0, along * move).sum())
    length = float(np.sqrt((move**2).sum()))
    if length > radius:
        move *= radius / length
        gain = max(gain, 1.0)
    # Turning round an upward curve promises nothing of where the top is.
    if bool((bends < -1e-6 * steepest).any()):
        gain = max(gain, float(np.abs(along[bends < 0]).max()))
    step[moving] = (axes @ move) * size
    return step, gain


def _uphill(
    objective: Objective, x: Floats, height: float, slope: Floats, step: Floats, noise: float
) -> tuple[Floats, float, Floats, float]:
    """The longest of step, half of it, …, that goes up; length 0 where none does."""
    promised = float(slope @ step)
    length = 1.0
    while length > 1e-9:
        new = x + length * step
        new_height, new_slope = objective(new)
        if new_height >= height + 1e-4 * length * promised - noise:
            return new, new_height, new_slope, length
        length *= 0.4
    return x, height, slope, 0.0
