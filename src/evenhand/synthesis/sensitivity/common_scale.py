"""One scale for effects of different measures, so that they can stand on one axis.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.baseline_risk import risk_with_treatment

PEOPLE = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleScale:
    """People of 1,000 more with the event, at one risk without treatment."""

    baseline_risk: float

    @property
    def name(self) -> str:
        """As a record says it."""
        return "per 1000"

    def of(self, measure: str, values: Floats) -> Floats:
        """From the analysis scale of 'OR', 'RR' or 'RD'; no risk leaves 0 to 1."""
        with np.errstate(over="ignore"):
            risk = risk_with_treatment(np.asarray(self.baseline_risk), values, measure)
        return PEOPLE * (risk - self.baseline_risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitScale:
    """The outcome's own unit."""

    unit_sd: float
    baseline_mean: float

    @property
    def name(self) -> str:
        """As a record says it."""
        return "unit"

    def of(self, measure: str, values: Floats) -> Floats:
        """From the analysis scale of 'MD', 'SMD' or 'ROM'.

        A standardised difference is multiplied by a typical standard deviation, a ratio of means by a typical control
        mean (Cochrane Handbook 6.5, ch. 15.5.3.2 and 15.5.3.3).
        """
        if measure == "SMD":
            return self.unit_sd * values
        if measure == "ROM":
            with np.errstate(over="ignore"):
                return self.baseline_mean * np.expm1(values)
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnScale:
    """The analysis scale of the one measure there is."""

    @property
    def name(self) -> str:
        """As a record says it."""
        return "own"

    def of(self, measure: str, values: Floats) -> Floats:
        """As they are."""
        return values


CommonScale = PeopleScale | UnitScale | OwnScale
