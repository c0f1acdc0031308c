"""Tetrachoric correlation: that of two normal variables of which a table only shows on which side of a cut people are.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.fisher_z import fisher_z
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import AS_COUNTED, ZeroCells

# Bisection of an angle over π halves to the last bit of a double in this many steps.
_HALVINGS = 56


def tetrachoric_correlation(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Tetrachoric correlation of a 2×2 table, and its sampling variance.

    The table has as many free cells as the model has parameters (two cuts and the correlation), so the likelihood is
    greatest where all four are met exactly: the cuts follow from the margins, the correlation from one cell.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Those with the one trait who have the other, and all of them; then those without.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Correlation, -1 to 1, and its large-sample variance under multinomial sampling. An empty cell sets the
        correlation at -1 or 1, where its variance is nan; an empty margin leaves no correlation either.

    References
    ----------
    Pearson (1900). Phil. Trans. R. Soc. A 195, 1-47. Kirk (1973). Psychometrika 38, 259-268. The variance is the delta
    method on the equation that the correlation solves.
    """
    from scipy.special import ndtr, ndtri

    a, n1, c, n2 = zero_cells.in_two_arms(events_t, n_t, events_c, n_c)
    n = n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        both, only_row, only_column = a / n, (n1 - a) / n, c / n
        h, k = ndtri(n1 / n), ndtri((a + c) / n)
        full = (a > 0) & (c > 0) & (n1 > a) & (n2 > c)
        r = np.where(full, _correlation(np.where(full, h, 0.0), np.where(full, k, 0.0), both), np.nan)
        root = np.sqrt(1 - r**2)
        density = np.exp(-(h**2 - 2 * r * h * k + k**2) / (2 * root**2)) / (2 * np.pi * root)
        # What a person in a cell moves the correlation by: dr = (d both - by_row d row - by_column d column) / density.
        by_row, by_column = ndtr((k - r * h) / root), ndtr((h - r * k) / root)
        weights = (1 - by_row - by_column, -by_row, -by_column)
        shares = (both, only_row, only_column)
        mean = sum(share * weight for share, weight in zip(shares, weights, strict=True))
        square = sum(share * weight**2 for share, weight in zip(shares, weights, strict=True))
        vi = (square - mean**2) / (n * density**2)
        at_the_end = np.where((a == 0) | (n2 == c), -1.0, 1.0)
        varied = (n1 > 0) & (n2 > 0) & (a + c > 0) & (a + c < n)
        return np.where(full, r, np.where(varied, at_the_end, np.nan)), vi


def fisher_z_of_tetrachoric(
    events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats, *, zero_cells: ZeroCells = AS_COUNTED
) -> tuple[Floats, Floats]:
    """Fisher's z of the tetrachoric correlation, and its sampling variance; arguments as in the correlation."""
    return fisher_z(*tetrachoric_correlation(events_t, n_t, events_c, n_c, zero_cells=zero_cells))


def both_below(h: Floats, k: Floats, r: Floats) -> Floats:
    """Probability that two standard normal variables with correlation r, |r| < 1, lie below h and k; shape (k,).

    By Owen's T function: Owen (1956), Annals of Mathematical Statistics 27, 1075-1090, eq. 2.1.
    """
    from scipy.special import ndtr, owens_t

    h, k, r = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (h, k, r)))
    root = np.sqrt((1 - r) * (1 + r))

    def owen(x: Floats, other: Floats) -> Floats:
        # At x = 0 the slope is infinite unless both are 0, and then it is the limit along x = other.
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where((x == 0) & (other == 0), (1 - r) / root, (other - r * x) / (x * root))
        at_zero = np.where(other == 0, np.arctan((1 - r) / root), np.sign(other) * np.pi / 2) / (2 * np.pi)
        return np.where(x == 0, at_zero, owens_t(x, np.where(np.isfinite(slope), slope, 0.0)))

    apart = (h * k < 0) | ((h * k == 0) & (h + k < 0))
    return np.asarray(0.5 * (ndtr(h) + ndtr(k)) - owen(h, k) - owen(k, h) - np.where(apart, 0.5, 0.0))


def _correlation(h: Floats, k: Floats, both: Floats) -> Floats:
    """The r at which `both_below(h, k, r)` is `both`, shape (k,): it rises with r, so halving always finds it."""
    lower, upper = np.full_like(both, -np.pi / 2), np.full_like(both, np.pi / 2)
    for _ in range(_HALVINGS):
        # On the angle, not the correlation itself, steps near -1 and 1 are fine enough.
        middle = 0.5 * (lower + upper)
        below = both_below(h, k, np.sin(middle)) < both
        lower, upper = np.where(below, middle, lower), np.where(below, upper, middle)
    return np.sin(0.5 * (lower + upper))


TETRACHORIC_CORRELATION = Measure(
    name="RTET",
    label="effects.measure.RTET",
    kind=Kind.COUNTS,
    estimate=tetrachoric_correlation,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=AS_COUNTED,
)
FISHER_Z_OF_TETRACHORIC = Measure(
    name="ZTET",
    label="effects.measure.ZTET",
    kind=Kind.COUNTS,
    estimate=fisher_z_of_tetrachoric,
    to_display=np.tanh,
    from_display=np.arctanh,
    null=0.0,
    customary_zero_cells=AS_COUNTED,
)
