"""A table of two arms by event, rebuilt from its margins and one printed measure of it.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report

With the arms' people and all events known, one cell gives the rest, and each measure gives that cell. Figures may be
numbers or arrays of shape (k,). Counts are rounded to whole people; nan where no table has such margins and measure.
"""

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.effects.printed_figures import of_printed_figures

Table = tuple[Floats, Floats, Floats, Floats]


@of_printed_figures
def table_from_odds_ratio(odds_ratio: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, events: ArrayLike) -> Table:
    """`events_t, n_t, events_c, n_c` from the odds ratio, the arms' people and the events of both arms together.

    Di Pietrantonj (2006), Statist. Med. 25, 2299-2322: the cell solves a quadratic, of which one root is a count.
    """
    ratio, n_t, n_c, events = _figures(odds_ratio, n_t, n_c, events)
    # a (n_c - events + a) = ratio (n_t - a)(events - a)
    quadratic, linear, constant = 1 - ratio, n_c - events + ratio * (n_t + events), -ratio * n_t * events
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(linear**2 - 4 * quadratic * constant)
        # This form of the root holds where the ratio is 1 and nothing is left of the square.
        cell = -2 * constant / (linear + root)
    return _whole(np.where(ratio >= 0, cell, np.nan), n_t, n_c, events)


@of_printed_figures
def table_from_risk_ratio(risk_ratio: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, events: ArrayLike) -> Table:
    """`events_t, n_t, events_c, n_c` from the risk ratio, the arms' people and the events of both arms together."""
    ratio, n_t, n_c, events = _figures(risk_ratio, n_t, n_c, events)
    with np.errstate(divide="ignore", invalid="ignore"):
        cell = ratio * n_t * events / (n_c + ratio * n_t)
    return _whole(np.where(ratio >= 0, cell, np.nan), n_t, n_c, events)


@of_printed_figures
def table_from_phi(phi: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, events: ArrayLike) -> Table:
    """`events_t, n_t, events_c, n_c` from the phi coefficient, the arms' people and all events."""
    phi, n_t, n_c, events = _figures(phi, n_t, n_c, events)
    n = n_t + n_c
    with np.errstate(divide="ignore", invalid="ignore"):
        cell = n_t * events / n + phi * np.sqrt(n_t * n_c * events * (n - events)) / n
    return _whole(cell, n_t, n_c, events)


@of_printed_figures
def table_from_chi_square(
    chi_square: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, events: ArrayLike, *, sign: ArrayLike, yates: bool = True
) -> Table:
    """`events_t, n_t, events_c, n_c` from Pearson's chi-square, the arms' people and all events.

    Parameters
    ----------
    sign : array_like
        1 where the treated arm has the greater risk, -1 where it has the lesser: chi-square does not say.
    yates : bool
        Whether it was computed with Yates's correction, as software does unasked.
    """
    chi_square, n_t, n_c, events = _figures(chi_square, n_t, n_c, events)
    n = n_t + n_c
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.sqrt(chi_square * n_t * n_c * events * (n - events) / n) + (n / 2 if yates else 0.0)
        cell = n_t * events / n + np.sign(sign) * apart / n
    return _whole(cell, n_t, n_c, events)


def _figures(*figures: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(figure, dtype=float) for figure in figures)))


def _whole(events_t: Floats, n_t: Floats, n_c: Floats, events: Floats) -> Table:
    cell = np.round(events_t)
    with np.errstate(invalid="ignore"):
        possible = (cell >= np.maximum(0.0, events - n_c)) & (cell <= np.minimum(n_t, events))
    cell = np.where(possible, cell, np.nan)
    return cell, n_t, events - cell, n_c
