"""Between-study variances of many fits at once, one vectorised search for each kind of estimator.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

A likelihood's slope in log(tau2 + smallest vi) is a rational function of e^u whose poles lie π off the real line, so
that its values and slopes at steps of 1 pin it down between them: the scan that `one_variance` makes at 160 places
needs a dozen here. Fits where the cubic between two places comes near zero are scanned again eight times as finely.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.many_projections import Projection, projected
from evenhand.synthesis.tau2.estimators import ESTIMATORS

_STEP = 1.0  # of the scan, in log(tau2 + smallest vi)
_FINER = 8
_BETWEEN = (0.25, 0.5, 0.75)  # of a cell, where the cubic is looked at
_PARTS = 16  # of a cell, where its root is looked for
_CLOSE = 0.02  # of a cell's largest figure: the cubic's own error is below a tenth of this
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Studies:
    """The studies of m fits, shape (k, m) or, where all fits share them, (k, 1)."""

    yi: Floats
    vi: Floats
    used: Floats  # (k, m), 1 where the fit has the study, 0 where not
    columns: tuple[Floats, ...]  # of the design; (1, 1) for an intercept alone

    @property
    def k(self) -> Floats:
        """Studies in each fit, shape (m,)."""
        return np.asarray(self.used.sum(axis=0))

    def at(self, tau2: Floats) -> Projection:
        """The fits given a variance each, shape (m,)."""
        return projected(self.yi, self.used / (self.vi + tau2), self.columns)

    def some(self, fits: np.ndarray[tuple[int], np.dtype[np.intp]]) -> "Studies":
        """Those fits alone, by number."""

        def take(values: Floats) -> Floats:
            return values if values.shape[1] == 1 else values[:, fits]

        return Studies(
            yi=take(self.yi), vi=take(self.vi), used=self.used[:, fits], columns=tuple(take(c) for c in self.columns)
        )

    def log_likelihood(self, tau2: Floats, projection: Projection, *, restricted: bool) -> Floats:
        """(Restricted) log likelihood less its constant, shape (m,)."""
        logs = np.einsum("ij,ij->j", self.used, np.log(self.vi + tau2)) + projection.y_p_y
        return np.asarray(-0.5 * (logs + projection.log_det if restricted else logs))


def many_variances(method: str, studies: Studies) -> Floats:
    """The between-study variance of each fit, shape (m,), for a method's name; every fit has k > p."""
    if method in _CLOSED_FORMS:
        return np.maximum(0.0, _CLOSED_FORMS[method](studies))
    if method in _FALLS_TO:
        return _where_q_falls_to(_FALLS_TO[method](studies.k - len(studies.columns)), studies)
    if method in ("ML", "REML"):
        return _highest_peaks(studies, restricted=method == "REML", step=_STEP)
    return _one_by_one(method, studies)


def _equal_effects(studies: Studies) -> Floats:
    return np.zeros(studies.used.shape[1])


def _dersimonian_laird(studies: Studies) -> Floats:
    fit = studies.at(_equal_effects(studies))
    return np.asarray((fit.y_p_y - (studies.k - len(studies.columns))) / fit.tr_p)


def _hedges(studies: Studies) -> Floats:
    # With weights of 1, P is I − H, and tr PV what the sampling variances put into the sum of squares.
    fit = projected(studies.yi, studies.used, studies.columns)
    weighted = studies.used * studies.vi
    tr_pv = weighted.sum(axis=0)
    if fit.basis:
        for direction in fit.basis:
            tr_pv = tr_pv - np.einsum("ij,ij,ij->j", weighted, direction, direction)
    else:
        tr_pv = tr_pv * (1.0 - 1.0 / studies.k)
    return np.asarray((fit.y_p_y - tr_pv) / (studies.k - len(studies.columns)))


def _hunter_schmidt(studies: Studies) -> Floats:
    fit = studies.at(_equal_effects(studies))
    return np.asarray((fit.y_p_y - studies.k) / fit.tr_w)


def _corrected_hunter_schmidt(studies: Studies) -> Floats:
    fit, k = studies.at(_equal_effects(studies)), studies.k
    return np.asarray((fit.y_p_y * k / (k - len(studies.columns)) - k) / fit.tr_w)


def _sidik_jonkman(studies: Studies) -> Floats:
    k = studies.k
    mean = np.einsum("ij,ij->j", studies.used, np.broadcast_to(studies.yi, studies.used.shape)) / k
    crude = np.einsum("ij,ij->j", studies.used, (studies.yi - mean) ** 2) / k
    return np.asarray(crude * studies.at(crude).y_p_y / (k - len(studies.columns)))


_CLOSED_FORMS: dict[str, Callable[[Studies], Floats]] = {
    "EE": _equal_effects,
    "DL": _dersimonian_laird,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "HSk": _corrected_hunter_schmidt,
    "SJ": _sidik_jonkman,
}


def _one_by_one(method: str, studies: Studies) -> Floats:
    """For an estimator that has no vectorised form."""
    shape = studies.used.shape
    yi, vi = np.broadcast_to(studies.yi, shape), np.broadcast_to(studies.vi, shape)
    columns = [np.broadcast_to(column, shape) for column in studies.columns]
    found = np.empty(shape[1])
    for fit in range(shape[1]):
        has = studies.used[:, fit] > 0
        design = np.stack([column[has, fit] for column in columns], axis=1)
        found[fit] = ESTIMATORS[method].tau2(yi[has, fit], vi[has, fit], design)
    return found


def _expected_q(df: Floats) -> Floats:
    return df


def _median_q(df: Floats) -> Floats:
    from scipy.special import chdtri

    return np.asarray(chdtri(df, 0.5))


# What the generalised Q, χ² of k − p degrees of freedom, is to equal.
_FALLS_TO: dict[str, Callable[[Floats], Floats]] = {
    "PM": _expected_q,
    "EB": _expected_q,
    "DLIT": _expected_q,
    "SJIT": _expected_q,
    "PMM": _median_q,
}


def _where_q_falls_to(target: Floats, studies: Studies) -> Floats:
    """Where y'Py falls to its target, shape (m,), by Newton's steps on 1 / y'Py from 0.

    1 / y'Py rises and is concave in tau2, as (y'PPy)² ≤ y'Py · y'PPPy (Cauchy and Schwarz). So every step falls short
    of the root, and none can leave the bracket.
    """
    tau2 = np.zeros(target.size)
    active, rest = np.arange(target.size), studies
    for _ in range(_MOST_STEPS):
        fit = rest.at(tau2[active])
        ratio = fit.y_p_y / target[active]
        # The step of 1 / Q: (Q / target − 1) Q / Q', with Q' = −y'PPy.
        step = np.where(ratio > 1, (ratio - 1) * fit.y_p_y / np.where(fit.y_pp_y > 0, fit.y_pp_y, 1.0), 0.0)
        tau2[active] += step
        going = step > 1e-9 * tau2[active]
        if not going.any():
            break
        if 2 * np.count_nonzero(going) < going.size:
            active = active[going]
            rest = rest.some(np.flatnonzero(going))
    return tau2


def _slope(studies: Studies, tau2: Floats, *, restricted: bool) -> tuple[Floats, Floats]:
    """Twice the log likelihood's first and second derivative in tau2, shape (m,) each."""
    fit = studies.at(tau2)
    trace, trace_of_square = (fit.tr_p, fit.tr_pp) if restricted else (fit.tr_w, fit.tr_ww)
    return fit.y_pp_y - trace, trace_of_square - 2 * fit.y_ppp_y


def _beyond_every_peak(studies: Studies) -> tuple[Floats, Floats]:
    """The smallest sampling variance in each fit, and a variance from which on the likelihood falls; shape (m,).

    y'PPy ≤ RSS / (tau2 + min vi)² with RSS that of unweighted least squares, and tr P ≥ (k − p) / (tau2 + max vi); so
    the slope is below 0 once tau2² ≥ s² (tau2 + max vi), s² = RSS / (k − p).
    """
    smallest = np.where(studies.used > 0, studies.vi, np.inf).min(axis=0)
    largest = (studies.used * studies.vi).max(axis=0)
    rss = _unweighted_squares(studies)
    spread = rss / (studies.k - len(studies.columns))
    return smallest, 1.01 * 0.5 * (spread + np.sqrt(spread**2 + 4 * spread * largest))


def _unweighted_squares(studies: Studies) -> Floats:
    """Sum of squared residuals about the unweighted fit, shape (m,)."""
    if studies.columns[0].shape != (1, 1):
        return projected(studies.yi, studies.used, studies.columns).y_p_y
    # About a mean alone, none of the projection's other sums are wanted.
    mean = np.einsum("ij,ij->j", studies.used, np.broadcast_to(studies.yi, studies.used.shape)) / studies.k
    residual = studies.used * (studies.yi - mean)
    return np.asarray(np.einsum("ij,ij->j", residual, residual))


def _highest_peaks(studies: Studies, *, restricted: bool, step: float) -> Floats:
    """Where the (restricted) likelihood of each fit is highest, 0 among the places."""
    m = studies.used.shape[1]
    smallest, top = _beyond_every_peak(studies)
    width = np.log1p(top / smallest)
    cells = max(2, int(np.ceil(width.max() / step)))
    width = width / cells
    places = smallest * np.expm1(np.arange(cells + 1)[:, None] * width)
    slopes, bends = np.empty((cells + 1, m)), np.empty((cells + 1, m))
    for place in range(cells + 1):
        first, second = _slope(studies, places[place], restricted=restricted)
        scale = places[place] + smallest
        slopes[place] = scale * first
        bends[place] = width * (scale * first + scale**2 * second)
    falls = (slopes[:-1] > 0) & (slopes[1:] <= 0)
    cell, fit = np.nonzero(falls)
    start = _root_of_cubic(slopes[cell, fit], slopes[cell + 1, fit], bends[cell, fit], bends[cell + 1, fit])
    peaks = _closed_in(
        studies if np.array_equal(fit, np.arange(m)) else studies.some(fit),
        start=smallest[fit] * np.expm1((cell + start) * width[fit]),
        lower=places[cell, fit],
        upper=places[cell + 1, fit],
        finest=1e-15 * smallest[fit],
        restricted=restricted,
    )
    tau2 = np.zeros(m)
    tau2[fit] = peaks
    contested = np.flatnonzero(falls.sum(axis=0) + (slopes[0] <= 0) > 1)
    if contested.size:
        tau2[contested] = _highest_of(studies, contested, fit, peaks, restricted=restricted)
    doubtful = np.flatnonzero(_doubtful(slopes, bends) & (top > 0))
    if doubtful.size and step == _STEP:
        tau2[doubtful] = _highest_peaks(studies.some(doubtful), restricted=restricted, step=step / _FINER)
    return tau2


def _cubic(at: Floats | float, left: Floats, right: Floats, bend_left: Floats, bend_right: Floats) -> Floats:
    """Hermite's cubic on a cell of width 1 with those values and slopes at its ends."""
    rise = right - left
    return left + at * (
        bend_left + at * (3 * rise - 2 * bend_left - bend_right + at * (bend_left + bend_right - 2 * rise))
    )


def _root_of_cubic(left: Floats, right: Floats, bend_left: Floats, bend_right: Floats) -> Floats:
    """About where the cubic, above zero at its left end and not at its right, first falls through zero; shape (m,).

    A straight line between two of its values at sixteenths is near enough for Newton's steps to start from, and one
    look at all the values is sooner done than halving step by step.
    """
    at = np.arange(_PARTS + 1)[:, None] / _PARTS
    values = _cubic(at, left, right, bend_left, bend_right)
    values[0], values[-1] = left, right
    part = np.argmax((values[:-1] > 0) & (values[1:] <= 0), axis=0)
    cell = np.arange(left.size)
    above, below = values[part, cell], values[part + 1, cell]
    return np.asarray((part + above / (above - below)) / _PARTS)


def _doubtful(slopes: Floats, bends: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Fits whose slope may have a root between places that the signs there do not show; shape (m,)."""
    left, right, bend_left, bend_right = slopes[:-1], slopes[1:], bends[:-1], bends[1:]
    largest = np.maximum(np.maximum(np.abs(left), np.abs(right)), np.maximum(np.abs(bend_left), np.abs(bend_right)))
    same = (left > 0) == (right > 0)
    found = np.zeros(left.shape, dtype=bool)
    before, changes = left > 0, np.zeros(left.shape, dtype=np.int8)
    for at in _BETWEEN:
        value = _cubic(at, left, right, bend_left, bend_right)
        found |= same & (np.abs(value) < _CLOSE * largest)
        changes += (value > 0) != before
        before = value > 0
    changes += (right > 0) != before
    return np.asarray((found | (changes > 1)).any(axis=0))


def _closed_in(
    studies: Studies, *, start: Floats, lower: Floats, upper: Floats, finest: Floats, restricted: bool
) -> Floats:
    """Newton's steps on the slope, kept inside a bracket that halves where they would leave it; shape (m,)."""
    found = start.copy()
    active, rest = np.arange(start.size), studies
    tau2 = start
    for _ in range(_MOST_STEPS):
        if not active.size:
            break
        first, second = _slope(rest, tau2, restricted=restricted)
        lower, upper = np.where(first > 0, tau2, lower), np.where(first > 0, upper, tau2)
        newton = tau2 - first / np.where(second < 0, second, -np.inf)
        inside = (newton > lower) & (newton < upper) & (second < 0)
        after = np.where(first == 0, tau2, np.where(inside, newton, 0.5 * (lower + upper)))
        # A Newton step that moves by 1e-8 leaves an error of its square.
        going = np.abs(after - tau2) > 1e-8 * after + finest
        tau2 = after
        found[active] = after
        if not going.any():
            break
        if 2 * np.count_nonzero(going) < going.size:
            keep = np.flatnonzero(going)
            active, tau2, lower, upper, finest = active[keep], tau2[keep], lower[keep], upper[keep], finest[keep]
            rest = rest.some(keep)
    return found


def _highest_of(
    studies: Studies,
    contested: np.ndarray[tuple[int], np.dtype[np.intp]],
    fit: np.ndarray[tuple[int], np.dtype[np.intp]],
    peaks: Floats,
    *,
    restricted: bool,
) -> Floats:
    """For fits with more than one peak, 0 among them: the highest."""
    among = np.isin(fit, contested)
    owner = np.concatenate([contested, fit[among]])
    candidates = np.concatenate([np.zeros(contested.size), peaks[among]])
    theirs = studies.some(owner)
    height = theirs.log_likelihood(candidates, theirs.at(candidates), restricted=restricted)
    order = np.lexsort((height, owner))
    last = np.append(np.flatnonzero(np.diff(owner[order])), owner.size - 1)
    return np.asarray(candidates[order[last]])[np.argsort(np.argsort(contested))]
