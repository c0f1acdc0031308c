"""Where a rising function of a variance passes 0, bracketed from a first scale.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable

_FARTHEST = 1e100  # squared analysis scale; effects are below 1e25


def rising_root(function: Callable[[float], float], scale: float) -> float:
    """The variance at which `function` passes 0; 0 where it is not below 0 there, infinite where it stays below."""
    from scipy.optimize import brentq

    if function(0.0) >= 0:
        return 0.0
    low, high = 0.0, scale
    while function(high) < 0:
        low, high = high, 4.0 * high
        if high > _FARTHEST:
            return math.inf
    return float(brentq(function, low, high, xtol=1e-300, rtol=1e-13, maxiter=300))
