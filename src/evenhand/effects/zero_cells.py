"""What to do with a zero in a table of counts: nothing in silence, and by name what others do.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenhand.distributions import Floats

To = Literal["none", "only0", "if0all", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroCells:
    """A continuity correction, in the terms of Viechtbauer (2010), J. Stat. Softw. 36(3), §3.1.

    The default adds nothing: a log ratio with a zero cell is then nan, and the study is left to a likelihood that needs
    no correction. To add is a choice that moves the estimate, so it is always written out.
    """

    add: float = 0.5  # to each cell; for one arm, to those with and those without the event
    to: To = "none"  # 'only0': studies with a zero cell; 'if0all': all, if any has one; 'all': all
    drop00: bool = False  # nan where no one, or everyone, has the event in both arms

    def in_two_arms(
        self, events_t: Floats, n_t: Floats, events_c: Floats, n_c: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """The same four arrays, shape (k,), corrected; nan where a study is dropped."""
        cells = np.stack(
            [np.asarray(cell, dtype=float) for cell in (events_t, n_t - events_t, events_c, n_c - events_c)]
        )
        if self.drop00:
            a, b, c, d = cells
            cells[:, ((a == 0) & (c == 0)) | ((b == 0) & (d == 0))] = np.nan
        a, b, c, d = cells + self._addition(cells)
        return a, a + b, c, c + d

    def in_one_arm(self, events: Floats, n: Floats) -> tuple[Floats, Floats]:
        """Events and totals, shape (k,), corrected."""
        cells = np.stack([np.asarray(cell, dtype=float) for cell in (events, n - events)])
        with_event, without = cells + self._addition(cells)
        return with_event, with_event + without

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
        return np.where(chosen, self.add, 0.0)


AS_COUNTED = ZeroCells()
HALF_WHERE_ZERO = ZeroCells(to="only0")  # what most software does when it is told nothing


def nan_where_undefined(yi: Floats, vi: Floats) -> tuple[Floats, Floats]:
    """Both nan where either is not a finite number, as for the logarithm of a zero."""
    defined = np.isfinite(yi) & np.isfinite(vi)
    return np.where(defined, yi, np.nan), np.where(defined, vi, np.nan)
