"""Functions of a whole column: polynomials, restricted cubic splines, centring; what they learn once, they keep.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A prediction at a new value needs the knots, means and coefficients of the studies that were fitted, never those of the
new values: so each function comes in two halves, `learn…` and `apply…`.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a function took from the fitted column."""

    function: str  # 'poly', 'rcs', 'center', 'scale'
    suffixes: tuple[str, ...]  # one a column it gives
    first: Floats  # poly: centres of the recurrence; rcs: knots; center, scale: the mean
    second: Floats  # poly: squared norms; scale: the sd; else empty


def learn_column_function(function: str, label: str, options: dict[str, float], x: Floats) -> Learned:
    """Learn from the column `x`, shape (k,), without missing values.

    Raises
    ------
    ValueError
        Where the column has too few different values for what is asked.
    """
    if function == "poly":
        return _learn_polynomial(label, int(options["degree"]), bool(options["raw"]), x)
    if function == "rcs":
        return _learn_spline(label, int(options["knots"]), x)
    sd = float(np.std(x, ddof=1)) if function == "scale" and x.size > 1 else 1.0
    if sd == 0:
        raise ValueError(f"{label}: every study has the same value, so there is no sd to divide by")
    return Learned(function, ("",), np.array([x.mean()]), np.array([sd]))


def apply_column_function(learned: Learned, x: Floats) -> Floats:
    """The function's columns at `x`, shape (k,) to (k, c)."""
    if learned.function == "raw poly":
        powers: Floats = x[:, None] ** np.arange(1, len(learned.suffixes) + 1)
        return powers
    if learned.function == "poly":
        return _polynomial(x, learned.first, learned.second)
    if learned.function == "rcs":
        return _spline(x, learned.first)
    columns: Floats = ((x - learned.first[0]) / learned.second[0])[:, None]
    return columns


def _learn_polynomial(label: str, degree: int, raw: bool, x: Floats) -> Learned:
    if degree < 1 or degree >= np.unique(x).size:
        raise ValueError(f"{label}: degree {degree} with {np.unique(x).size} different values; take a lower degree")
    suffixes = tuple(str(d) for d in range(1, degree + 1))
    if raw:
        return Learned("raw poly", suffixes, np.empty(0), np.empty(0))
    # Forsythe (1957, J. SIAM 5, 74-88): each polynomial from the two before it.
    centres, norms = [], [float(x.size)]
    before, current = np.zeros_like(x), np.ones_like(x)
    for d in range(degree):
        centres.append(float((x * current) @ current) / norms[d])
        following = (x - centres[d]) * current - (norms[d] / norms[d - 1] if d else 0.0) * before
        before, current = current, following
        norms.append(float(current @ current))
    return Learned("poly", suffixes, np.array(centres), np.array(norms))


def _polynomial(x: Floats, centres: Floats, norms: Floats) -> Floats:
    """Polynomials of degree 1, 2, … that are orthogonal, and of length 1, over the fitted column."""
    columns = []
    before, current = np.zeros_like(x), np.ones_like(x)
    for d, centre in enumerate(centres):
        following = (x - centre) * current - (norms[d] / norms[d - 1] if d else 0.0) * before
        before, current = current, following
        columns.append(current / np.sqrt(norms[d + 1]))
    return np.stack(columns, axis=1)


def _learn_spline(label: str, count: int, x: Floats) -> Learned:
    """Knots evenly spaced in the quantiles between outer ones (Harrell 2015, Regression Modeling Strategies, p. 26)."""
    if count < 3:
        raise ValueError(f"{label}: a restricted cubic spline has at least 3 knots")
    outer = 0.10 if count == 3 else 0.05 if count <= 6 else 0.025
    knots = np.quantile(x, np.linspace(outer, 1 - outer, count))
    if np.unique(knots).size < count:
        raise ValueError(f"{label}: {count} knots fall together on {np.unique(knots).size} values; take fewer knots")
    return Learned("rcs", tuple("'" * j for j in range(count - 1)), knots, np.empty(0))


def _spline(x: Floats, knots: Floats) -> Floats:
    """x itself, and for each inner knot a cubic that is linear beyond the outer ones (Harrell 2015, eq. 2.25)."""

    def cubed(knot: float) -> Floats:
        above: Floats = np.maximum(x - knot, 0.0) ** 3
        return above

    last, before_last = knots[-1], knots[-2]
    gap = last - before_last
    columns = [x]
    for knot in knots[:-2]:
        bend = cubed(knot) - cubed(before_last) * (last - knot) / gap + cubed(last) * (before_last - knot) / gap
        columns.append(bend / (last - knots[0]) ** 2)
    return np.stack(columns, axis=1)
