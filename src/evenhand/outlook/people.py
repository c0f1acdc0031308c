"""From draws of a risk or a difference to an interval in people of 1,000, or in the outcome's unit.

Pipeline: dossier → integrity → effects → synthesis → certainty → [outlook] → verdicts → report
"""

import numpy as np

from evenhand.distributions import Distribution, Floats
from evenhand.outlook.absolute import Interval

PEOPLE = 1000.0  # one denominator everywhere
_LEVELS = (0.5, 0.025, 0.975)


def interval_of_draws(draws: Floats, factor: float = 1.0) -> Interval:
    """Median and 95 % limits of draws, times `factor`."""
    middle, lower, upper = np.quantile(draws, _LEVELS)
    return Interval(value=float(factor * middle), lower=float(factor * lower), upper=float(factor * upper))


def interval_of(distribution: Distribution, factor: float = 1.0) -> Interval:
    """Median and 95 % limits of a distribution, exactly, times `factor`."""
    middle, lower, upper = (factor * distribution.quantile(level) for level in _LEVELS)
    return Interval(value=middle, lower=lower, upper=upper)
