"""What to do with a zero in a table of counts: nothing in silence, and by name what others do.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from evenhand.distributions import Floats

To = Literal["none", "only0", "if0all", "all"]
Share = Literal["equally", "by arm size"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroCells:
    """A continuity correction, in the terms of Viechtbauer (2010), J. Stat. Softw. 36(3), §3.1.

    The default adds nothing: a log ratio with a zero cell is then nan, and the study is left to a likelihood that needs
    no correction. To add is a choice that moves the estimate, so it is always written out.
    """

    add: float = 0.5  # to each cell; for one arm, to those with and those without the event
    to: To = "none"  # 'only0': studies with a zero cell; 'if0all': all, if any has one; 'all': all
    drop00: bool = False  # nan where no one, or everyone, has the event in both arms
    # 'by arm size': the sum of both arms stays 2 `add`, each arm takes its part of the people (Sweeting, Sutton &
    # Lambert 2004, Statist. Med. 23, 1351-1375: the treatment-arm correction), so that arms of unequal size are
    # not drawn to one side.
    share: Share = "equally"

    def __post_init__(self) -> None:
        """Refuse what would take people away."""
        if not 0 <= self.add < math.inf:
            raise ValueError(f"zero cells: add is {self.add}; write how much to add, 0 or more")
        if self.to not in get_args(To):
            raise ValueError(f"zero cells: to is '{self.to}'; write 'none', 'only0', 'if0all' or 'all'")
        if self.share not in get_args(Share):
            raise ValueError(f"zero cells: share is '{self.share}'; write 'equally' or 'by arm size'")

    def in_two_arms(
        self, events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """The same four arrays, shape (k,), corrected; nan where a study is dropped."""
        cells = _stacked(events_t, np.subtract(n_t, events_t), events_c, np.subtract(n_c, events_c))
        if self.drop00:
            a, b, c, d = cells
            cells[:, ((a == 0) & (c == 0)) | ((b == 0) & (d == 0))] = np.nan
        addition = self._addition(cells)
        to_t, to_c = self._parts(cells[0] + cells[1], cells[2] + cells[3])
        a, b, c, d = cells + np.stack([to_t, to_t, to_c, to_c]) * addition
        return a, a + b, c, c + d

    def in_one_arm(self, events: Floats, n: Floats) -> tuple[Floats, Floats]:
        """Events and totals, shape (k,), corrected."""
        cells = _stacked(events, np.subtract(n, events))
        with_event, without = cells + self._addition(cells)
        return with_event, with_event + without

    def in_table(self, *cells: Floats) -> tuple[Floats, ...]:
        """The cells of any table, each of shape (k,), corrected alike."""
        table = _stacked(*cells)
        return tuple(table + self._addition(table))

    def in_two_rates(self, events_t: Floats, time_t: Floats, events_c: Floats, time_c: Floats) -> tuple[Floats, Floats]:
        """Events of both arms, shape (k,), corrected; times stay as they are. nan where a study is dropped."""
        events = _stacked(events_t, events_c)
        if self.drop00:
            events[:, (events == 0).all(axis=0)] = np.nan
        to_t, to_c = self._parts(np.asarray(time_t, dtype=float), np.asarray(time_c, dtype=float))
        treated, control = events + np.stack([to_t, to_c]) * self._addition(events)
        return treated, control

    def _parts(self, size_t: Floats, size_c: Floats) -> tuple[Floats, Floats]:
        """By how much each arm's addition differs from `add`; each shape (k,)."""
        if self.share == "equally":
            return np.ones_like(size_t), np.ones_like(size_c)
        with np.errstate(invalid="ignore"):
            return 2 * size_t / (size_t + size_c), 2 * size_c / (size_t + size_c)

    def _addition(self, cells: Floats) -> Floats:
        """What each study's cells are given; cells of shape (cells, k)."""
        has_zero = (cells == 0).any(axis=0)
        match self.to:
            case "none":
                chosen = np.zeros_like(has_zero)
            case "only0":
                chosen = has_zero
            case "if0all":
                chosen = np.full_like(has_zero, has_zero.any())
            case "all":
                chosen = np.ones_like(has_zero)
            case _:
                raise ValueError(f"zero cells: to is '{self.to}'; write 'none', 'only0', 'if0all' or 'all'")
        return np.where(chosen, self.add, 0.0)


AS_COUNTED = ZeroCells()
HALF_WHERE_ZERO = ZeroCells(to="only0")  # what most software does when it is told nothing
BY_ARM_SIZE = ZeroCells(to="only0", share="by arm size")


def nan_where_undefined(yi: Floats, vi: Floats) -> tuple[Floats, Floats]:
    """Both nan where either is not a finite number, as for the logarithm of a zero."""
    defined = np.isfinite(yi) & np.isfinite(vi)
    return np.where(defined, yi, np.nan), np.where(defined, vi, np.nan)


def _stacked(*cells: Floats) -> Floats:
    return np.stack(np.broadcast_arrays(*(np.asarray(cell, dtype=float) for cell in cells)))
