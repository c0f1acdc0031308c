"""From a number to its place on an axis.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from dataclasses import dataclass

from evenhand.figures.ticks import linear_ticks, log_ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The part of an interval that lies on an axis, in drawing units."""

    start: float
    stop: float
    goes_on_below: bool  # the interval leaves the axis at its low end
    goes_on_above: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis: numbers from `low` to `high` drawn from `start` to `stop`."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def at(self, value: float) -> float:
        """Place of a value; outside the axis, the end nearest to it.

        On a logarithmic axis zero and below stand at the low end.
        """
        if value <= self.low:
            return self.start
        if value >= self.high:
            return self.stop
        return self.start + (self.stop - self.start) * self._share(value)

    def beyond(self, value: float) -> float:
        """Place of a value on the axis continued past its ends; a logarithmic axis goes on for positive values."""
        return self.start + (self.stop - self.start) * self._share(value)

    def holds(self, value: float) -> bool:
        """Whether the value itself lies on the axis."""
        return math.isfinite(value) and self.low <= value <= self.high

    def extent(self, lower: float, upper: float) -> Extent:
        """What to draw of the interval [lower, upper]; its ends may be infinite."""
        return Extent(
            start=self.at(lower),
            stop=self.at(upper),
            goes_on_below=lower < self.low * (1 - 1e-9 * math.copysign(1, self.low)),
            goes_on_above=upper > self.high * (1 + 1e-9 * math.copysign(1, self.high)),
        )

    def ticks(self, most: int = 6) -> tuple[float, ...]:
        """Round numbers on the axis."""
        return (log_ticks if self.log else linear_ticks)(self.low, self.high, most)

    def _share(self, value: float) -> float:
        if self.log:
            # Not the logarithm of a quotient, which overflows on an axis of hundreds of decades.
            low = math.log(self.low)
            return (math.log(value) - low) / (math.log(self.high) - low)
        return (value - self.low) / (self.high - self.low)
