"""How an effect is read: its name, its null, and the scale on which an axis and a table write it.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Plots take effects on the analysis scale, as `yi`. A ratio is read on a logarithmic axis, which is the analysis scale
with other numbers beside its ticks.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects import MEASURES
from evenhand.figures.counts import common_digits, ratio_number, three_figures, with_range
from evenhand.figures.forest_values import Span
from evenhand.figures.plot_panel import PlotAxis
from evenhand.figures.svg import isolated
from evenhand.figures.ticks import linear_ticks, log_ticks
from evenhand.words.catalogue import Catalogue

_FLOAT_RANGE = 300.0  # beyond, a ratio is written as its logarithm


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectScale:
    """One measure as people read it."""

    name: str  # heading of its axis and column
    log: bool  # a ratio, on a logarithmic axis
    null: float | None  # no effect, on the display scale; None where there is no such value
    to_display: Callable[[Floats], Floats]

    def display(self, value: float) -> float:
        """From the analysis scale to the one people read; beyond float range it is infinite."""
        if math.isnan(value):
            return value
        with np.errstate(over="ignore"):
            return float(self.to_display(np.float64(value)))  # type: ignore[arg-type]

    def span(self, value: float, lower: float, upper: float) -> Span | None:
        """An estimate with its interval, all from the analysis scale; nothing where there is no estimate."""
        if not math.isfinite(value) or math.isnan(lower) or math.isnan(upper):
            return None
        return Span(value=self.display(value), lower=self.display(lower), upper=self.display(upper))

    def number(self, value: float, catalogue: Catalogue, digits: int | None = None) -> str:
        """A value of the display scale as text."""
        if self.log or not math.isfinite(value):
            return ratio_number(value, catalogue)
        return catalogue.number(three_figures(value)) if digits is None else catalogue.number(value, digits)

    def words(self, span: Span | None, catalogue: Catalogue, *, interval_only: bool = False) -> str:
        """`0.49 (0.33 to 0.73)`, or that there is no estimate."""
        if span is None:
            return catalogue.text("figures.plot.no_estimate")
        digits = common_digits(span.value, span.lower, span.upper)
        number, lower, upper = (self.number(value, catalogue, digits) for value in (span.value, span.lower, span.upper))
        interval = catalogue.interval(lower, upper)
        return interval if interval_only else with_range(number, interval, catalogue)


def effect_scale(measure: str | None, name: str | None, catalogue: Catalogue) -> EffectScale:
    """The scale of a measure by its name.

    Parameters
    ----------
    measure : str or None
        A name of `effects.MEASURES`; `'ratio'` for any other effect whose logarithm is given; None for an effect that
        is read as it is given.
    name : str or None
        Heading instead of the measure's own.

    Raises
    ------
    ValueError
        For a measure that nobody knows.
    """
    if measure is None:
        heading = catalogue.text("figures.plot.effect") if name is None else isolated(name)
        return EffectScale(name=heading, log=False, null=0.0, to_display=_same)
    if measure == "ratio":
        return EffectScale(
            name=catalogue.text("figures.plot.ratio") if name is None else isolated(name),
            log=True,
            null=1.0,
            to_display=np.exp,
        )
    if measure not in MEASURES:
        raise ValueError(
            f"no measure '{measure}'. Mend: give one of {', '.join(MEASURES)}, 'ratio' for another whose logarithm is "
            "given, or leave it out."
        )
    known = MEASURES[measure]
    said = catalogue.text(known.label)
    return EffectScale(
        # Measures are named in lower case, to stand within a sentence.
        name=said[:1].upper() + said[1:] if name is None else isolated(name),
        log=known.is_ratio,
        null=None if known.null is None else float(known.to_display(np.float64(known.null))),  # type: ignore[arg-type]
        to_display=known.to_display,
    )


def analysis_axis(scale: EffectScale, low: float, high: float, catalogue: Catalogue) -> PlotAxis:
    """An axis of the analysis scale, marked with round numbers of the scale people read.

    Only a ratio is relabelled; any other measure keeps its analysis scale, on which these plots have their meaning.
    """

    def ticks(most: int) -> tuple[tuple[float, str], ...]:
        if not scale.log or max(abs(low), abs(high)) > _FLOAT_RANGE:
            return tuple((tick, catalogue.number(three_figures(tick))) for tick in linear_ticks(low, high, most))
        marks = log_ticks(math.exp(low), math.exp(high), most)
        return tuple((math.log(tick), catalogue.number(three_figures(tick))) for tick in marks)

    return PlotAxis(low=low, high=high, name=scale.name, ticks=ticks)


def finite(values: Iterable[float]) -> list[float]:
    """Those that have a place on an axis."""
    return [value for value in values if math.isfinite(value)]


def _same(values: Floats) -> Floats:
    return values
