"""What a plot is given, checked: arrays of one length, with the place and the mend of what cannot be drawn.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.svg import isolated
from evenhand.number_columns import number_table

_LARGEST = 1e50  # number that can be placed: its square and their ratios are finite


def column(name: str, values: Any, k: int | None = None, *, least: float | None = None) -> Floats:
    """One number a study.

    Parameters
    ----------
    name : str
        As the caller's argument is called.
    values : array_like, shape (k,)
        nan is "none", and kept.
    k : int or None
        The length that it must have.
    least : float or None
        No number may be below this.

    Raises
    ------
    ValueError
        For what is no list of numbers, is of another length, or has a number below `least`.
    """
    array = number_table(name, values)
    if array.ndim != 1 or (k is not None and array.size != k):
        wanted = "a list is" if k is None else f"{k} numbers are"
        raise ValueError(f"{name} has shape {array.shape}, and {wanted} needed. Mend: give one number a study.")
    if least is not None and (below := np.flatnonzero(array < least)).size:
        at = int(below[0])
        raise ValueError(
            f"{name} of study {at + 1} (index {at}) is {array[at]:g}, below {least:g}. Mend: check that study's row."
        )
    for at in np.flatnonzero(np.isfinite(array) & (np.abs(array) > _LARGEST)).tolist():
        raise ValueError(f"{name} of study {at + 1} (index {at}) is {array[at]:g}. Mend: change the unit.")
    return array


def names_of(labels: Sequence[str] | None, k: int) -> tuple[str, ...]:
    """A name a study: as given, or its number.

    Raises
    ------
    ValueError
        Where there are more or fewer names than studies.
    """
    if labels is None:
        return tuple(str(place + 1) for place in range(k))
    names = tuple(str(name) for name in labels)
    if len(names) != k:
        raise ValueError(f"there are {len(names)} labels for {k} studies. Mend: give one label a study.")
    return names


def own_words(given: str | None, ours: str) -> str:
    """The caller's own words, kept from turning a line of another direction round; or ours."""
    return ours if given is None else isolated(given)


def standard_errors(sei: Any, vi: Any, k: int) -> Floats:
    """Standard errors, from themselves or from variances.

    Raises
    ------
    ValueError
        Where neither or both are given, or one is negative.
    """
    if (sei is None) == (vi is None):
        raise ValueError("give either sei (standard errors) or vi (variances), and not both.")
    se = column("sei", sei, k, least=0.0) if vi is None else np.sqrt(column("vi", vi, k, least=0.0))
    for at in np.flatnonzero((se > 0) & (se < 1 / _LARGEST)).tolist():
        raise ValueError(f"the standard error of study {at + 1} (index {at}) is {se[at]:g}. Mend: change the unit.")
    return se
