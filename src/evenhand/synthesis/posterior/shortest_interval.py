"""The shortest interval that holds a given probability.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import numpy as np

from evenhand.distributions import Distribution
from evenhand.synthesis.wald import check_level

_FIRST_LOOK = 12


def shortest_interval(distribution: Distribution, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper end of the shortest interval of probability `level`.

    Of a posterior that falls from 0 on, as tau's may, it starts at 0; of one with several peaks it is one interval
    still, so that it need not be the region of highest density.
    """
    from scipy.optimize import minimize_scalar

    check_level(level)
    spare = 1.0 - level

    def length(below: float) -> float:
        below = min(max(below, 0.0), spare)
        return distribution.quantile(below + level) - distribution.quantile(below)

    # Ends at probability 0 or 1 are infinite for most, and the best for some.
    places = np.linspace(0.0, spare, _FIRST_LOOK + 1)
    lengths = np.array([length(p) for p in places])
    best = int(np.argmin(lengths))
    left, right = places[max(best - 1, 0)], places[min(best + 1, _FIRST_LOOK)]
    found = minimize_scalar(length, bounds=(left, right), method="bounded", options={"xatol": 1e-7 * spare})
    below = float(found.x) if found.fun < lengths[best] else float(places[best])
    return distribution.quantile(below), distribution.quantile(below + level)
