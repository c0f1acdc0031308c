"""Counts of people and events that a likelihood may be given, checked one by one.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import numpy as np
from numpy.typing import ArrayLike

from evenhand.distributions import Floats
from evenhand.number_columns import number_column
from evenhand.synthesis.wald import check_level

MOST_PEOPLE = 1e10  # more than there are
_MOST_COUNTS = 2e7  # possible in one study given its totals; each is a number in memory
_ROUNDING = 1e-9


def checked_arm(events: ArrayLike, n: ArrayLike, *, arm: str = "") -> tuple[Floats, Floats]:
    """Events and people of one arm as float arrays of shape (k,).

    Raises
    ------
    ValueError
        Naming study (counted from 0), value and mend, where lengths differ, there is no study, or a count is missing,
        not whole, below 0 or above the people counted.
    """
    counts, people = _columns(f"events{arm}", events, f"n{arm}", n)
    for i in np.flatnonzero(counts > people):
        raise ValueError(
            f"events{arm}[{i}] = {counts[i]:g} but n{arm}[{i}] = {people[i]:g}: no more people can have the event than "
            f"were counted; compare both with the source"
        )
    return counts, people


def checked_arms(
    events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike
) -> tuple[Floats, Floats, Floats, Floats]:
    """Events and people of the treated and of the control arm, each of shape (k,); errors as in `checked_arm`."""
    a, n1 = checked_arm(events_t, n_t, arm="_t")
    c, n2 = checked_arm(events_c, n_c, arm="_c")
    _same_studies(a, c)
    return a, n1, c, n2


def checked_rate(events: ArrayLike, time: ArrayLike, *, arm: str = "") -> tuple[Floats, Floats]:
    """Events and person-time of one arm as float arrays of shape (k,).

    Raises
    ------
    ValueError
        As `checked_arm`, or where a person-time is not above 0.
    """
    counts, times = _arrays(f"events{arm}", events, f"time{arm}", time)
    _whole(f"events{arm}", counts)
    for i in np.flatnonzero(~(np.isfinite(times) & (times > 0))):
        raise ValueError(
            f"time{arm}[{i}] = {times[i]:g}: person-time is finite and above 0; leave the study out if none"
        )
    return counts, times


def checked_rates(
    events_t: ArrayLike, time_t: ArrayLike, events_c: ArrayLike, time_c: ArrayLike
) -> tuple[Floats, Floats, Floats, Floats]:
    """Events and person-time of the treated and of the control arm, each of shape (k,)."""
    x1, t1 = checked_rate(events_t, time_t, arm="_t")
    x2, t2 = checked_rate(events_c, time_c, arm="_c")
    _same_studies(x1, x2)
    return x1, t1, x2, t2


def check_support(first: float, last: float) -> None:
    """Raise ValueError where a study's total leaves more counts possible than an exact sum can hold."""
    if last - first > _MOST_COUNTS:
        raise ValueError(
            f"a study whose totals leave {last - first + 1:,.0f} counts possible is too large for an exact sum: use a "
            "model without one ('UM.FS', 'UM.RS'), or inverse variance, which loses nothing at such numbers"
        )


def checked_level(level: float) -> None:
    """Raise ValueError unless `level` lies between 0 and 1."""
    check_level(level)


def _columns(first: str, events: ArrayLike, second: str, n: ArrayLike) -> tuple[Floats, Floats]:
    counts, people = _arrays(first, events, second, n)
    _whole(first, counts)
    _whole(second, people)
    return counts, people


def _arrays(first: str, a: ArrayLike, second: str, b: ArrayLike) -> tuple[Floats, Floats]:
    arrays = [number_column(first, a), number_column(second, b)]
    if arrays[0].size != arrays[1].size:
        raise ValueError(
            f"{arrays[0].size} values of {first} but {arrays[1].size} of {second}; give one of each a study"
        )
    if arrays[0].size == 0:
        raise ValueError("no study: nothing to pool")
    return arrays[0], arrays[1]


def _whole(name: str, values: Floats) -> None:
    for i in np.flatnonzero(~np.isfinite(values)):
        raise ValueError(
            f"{name}[{i}] = {values[i]}: a count is a whole number; leave the study out if it is not reported"
        )
    for i in np.flatnonzero(values > MOST_PEOPLE):
        raise ValueError(f"{name}[{i}] = {values[i]:g}: more people than there are; compare it with the source")
    for i in np.flatnonzero((values < 0) | (np.abs(values - np.round(values)) > _ROUNDING)):
        raise ValueError(
            f"{name}[{i}] = {values[i]:g}: a count is a whole number, 0 or more; compare it with the source"
        )


def _same_studies(treated: Floats, control: Floats) -> None:
    if treated.size != control.size:
        raise ValueError(f"{treated.size} treated arms but {control.size} control arms; give one of each a study")
