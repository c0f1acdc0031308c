"""Where an axis is marked: round numbers, on a linear or a logarithmic axis.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Iterable

_STEPS = (1.0, 2.0, 5.0)
# Ladders of a logarithmic axis, from the finest to the coarsest; within a decade, then whole decades.
_LOOKS_LINEAR = 6.0
_LADDERS = ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))


def linear_ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten within [low, high].

    Parameters
    ----------
    low, high : float
        Ends of the axis, low < high, finite.
    most : int
        No more ticks than this, at least 2.

    Returns
    -------
    tuple of float
        Ascending and evenly spaced; zero is among them where it lies on the axis.

    Raises
    ------
    ValueError
        Where there is no axis: `low` not below `high`, or not finite.
    """
    _require_axis(low, high)
    magnitude = math.floor(math.log10((high - low) / max(1, most - 1)))
    for exponent in range(magnitude, magnitude + 3):
        for factor in _STEPS:
            step = factor * 10.0**exponent
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if last - first + 1 <= most:
                return tuple(_multiple(k, factor, exponent) for k in range(first, last + 1))
    raise ValueError(f"no round numbers between {low} and {high}")


def log_ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Round numbers within [low, high], even to the eye on a logarithmic axis; one is among them where it lies on it.

    Parameters
    ----------
    low, high : float
        Ends of the axis, 0 < low < high, finite.
    most : int
        No more ticks than this, at least 2.

    Returns
    -------
    tuple of float
        Ascending. The finest of the usual ladders (1-2-5, 1-3, decades, every second decade, …) that is not too dense;
        plain round numbers where the axis spans too little for any.
    """
    _require_axis(low, high)
    if low <= 0:
        raise ValueError(f"a logarithmic axis cannot begin at {low}")
    lowest, highest = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for ladder in _LADDERS:
        ticks = _within((_multiple(f, 1, e) for e in range(lowest, highest + 1) for f in ladder), low, high)
        if len(ticks) <= most:
            # Too short an axis for the ladder is short enough to look linear; two decades on a long one are enough.
            is_enough = len(ticks) >= (2 if high / low > _LOOKS_LINEAR else 3)
            return ticks if is_enough else linear_ticks(low, high, most)
    for stride in range(2, highest - lowest + 2):
        # Multiples of the stride, so that one keeps its tick.
        start = math.floor(lowest / stride) * stride
        ticks = _within((_multiple(1, 1, e) for e in range(start, highest + 1, stride)), low, high)
        if len(ticks) <= most:
            return ticks
    raise ValueError(f"no round numbers between {low} and {high}")


def nice_end(high: float, most: int = 6) -> float:
    """A round number at or above `high`, the last tick of an axis from zero; 1 for an axis of nothing but zeros."""
    if high <= 0:
        return 1.0
    magnitude = math.floor(math.log10(high / max(1, most - 1)))
    # The end itself is a tick, so that one step fewer is left than ticks are allowed.
    return next(
        _multiple(math.ceil(high / step - 1e-9), factor, exponent)
        for exponent in range(magnitude, magnitude + 3)
        for factor in _STEPS
        if high / (step := factor * 10.0**exponent) <= most - 1
    )


def _require_axis(low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"no axis from {low} to {high}")


def _multiple(k: float, factor: float, exponent: int) -> float:
    """k · factor · 10^exponent as the nearest decimal: 0.3, not 0.30000000000000004."""
    return float(f"{k * factor:.12g}e{exponent}")


def _within(ticks: Iterable[float], low: float, high: float) -> tuple[float, ...]:
    slack = 1e-9
    return tuple(tick for tick in ticks if low * (1 - slack) <= tick <= high * (1 + slack))
