"""Degrees of freedom of coefficients in models with several levels.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.grouped_rows import Integers


def degrees_of_freedom(X: Floats, groupings: Sequence[Integers], *, contain: bool) -> tuple[int, ...]:
    """One a column of X, shape (k, p): k − p, or by containment.

    By containment a column that is the same throughout every group of a random effect is estimated from its groups, so
    that only their number less p remain; the smallest such counts (Schluchter & Elashoff 1990, J. Stat. Comput. Simul.
    37, 69-87, on methods of this kind).
    """
    k, p = X.shape
    residual: int = max(0, int(k) - int(p))
    if not contain:
        return (residual,) * int(p)
    found: list[int] = []
    for column in X.T:
        counts = [residual]
        for group in groupings:
            first = np.unique(group, return_index=True)[1]
            if np.array_equal(column[first][group], column):
                counts.append(max(0, first.size - p))
        found.append(min(counts))
    return tuple(found)
