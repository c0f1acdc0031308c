"""The marks of a forest plot: a study's square, pooled diamonds, the bar of prediction, and their axis.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math

from evenhand.figures.counts import three_figures
from evenhand.figures.forest_values import Span
from evenhand.figures.palette import ANYWAY, GRID, SECONDARY, Paint
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, coordinate, element, group, join, label, line, polyline
from evenhand.words.catalogue import Catalogue

_ARROW = 7.0
_LARGEST, _SMALLEST = 13.0, 5.0


def study_mark(span: Span | None, weight: float | None, scale: Scale, y: float) -> Svg:
    """Whisker and square; the square's area is the study's weight (percent), or the same for all without weights."""
    if span is None:
        return Svg("")
    share = 25.0 if weight is None else weight
    side = max(_SMALLEST, min(_LARGEST, _LARGEST * math.sqrt(share / 40.0)))
    square = (
        element(
            "rect",
            x=scale.at(span.value) - side / 2,
            y=y - side / 2,
            width=side,
            height=side,
            fill="currentColor",
        )
        if scale.holds(span.value)
        else ""
    )
    return group(whisker(span, scale, y), square, **ANYWAY.attributes)


def whisker(span: Span, scale: Scale, y: float) -> Svg:
    """The interval as a line; an arrowhead where it goes on beyond the axis."""
    extent = scale.extent(span.lower, span.upper)
    heads = (
        _arrowhead(extent.start, y, -1) if extent.goes_on_below else "",
        _arrowhead(extent.stop, y, 1) if extent.goes_on_above else "",
    )
    return join(line(extent.start, y, extent.stop, y, stroke_width=1.6), *heads)


def diamond(span: Span, scale: Scale, y: float, *, paint: Paint, filled: bool) -> Svg:
    """From limit to limit, widest at the estimate; flat where it is cut off by the axis."""
    half = 8.0
    extent, middle = scale.extent(span.lower, span.upper), scale.at(span.value)
    left = _side(extent.start, middle, y, half, cut=extent.goes_on_below, direction=-1)
    right = _side(extent.stop, middle, y, half, cut=extent.goes_on_above, direction=1)
    shape = polyline([(middle, y - half), *right, (middle, y + half), *reversed(left)], closed=True)
    return group(
        element(
            "path",
            d=shape,
            fill="currentColor" if filled else "none",
            stroke="currentColor",
            stroke_width=1.6,
            stroke_linejoin="round",
        ),
        **paint.attributes,
    )


def prediction_bar(span: Span, scale: Scale, y: float) -> Svg:
    """Where the effect in a new setting would lie: a thin open bar."""
    extent = scale.extent(span.lower, span.upper)
    bar = element(
        "rect",
        x=extent.start,
        y=y - 3,
        width=max(1.0, extent.stop - extent.start),
        height=6,
        fill="currentColor",
        fill_opacity=0.25,
        stroke="currentColor",
        stroke_width=1,
    )
    heads = (
        _arrowhead(extent.start, y, -1) if extent.goes_on_below else "",
        _arrowhead(extent.stop, y, 1) if extent.goes_on_above else "",
    )
    return group(bar, *heads, **ANYWAY.attributes)


def null_line(null: float | None, scale: Scale, top: float, bottom: float) -> Svg:
    """Where there is no effect; nothing for one arm, or where the axis does not reach it."""
    if null is None or not scale.holds(null):
        return Svg("")
    x = scale.at(null)
    return group(line(x, top, x, bottom, stroke_width=1.2), **SECONDARY.attributes)


def pooled_line(estimate: float | None, scale: Scale, top: float, bottom: float) -> Svg:
    """The pooled estimate carried up through the studies, as a fine dotted line."""
    if estimate is None or not scale.holds(estimate):
        return Svg("")
    x = scale.at(estimate)
    return group(line(x, top, x, bottom, stroke_width=1.2, stroke_dasharray="1.5 3"), **ANYWAY.attributes)


def grid(scale: Scale, ticks: tuple[float, ...], top: float, bottom: float) -> Svg:
    """Fine lines at the ticks."""
    return group(
        *(line(scale.at(tick), top, scale.at(tick), bottom, stroke_width=1) for tick in ticks), **GRID.attributes
    )


def axis(scale: Scale, ticks: tuple[float, ...], y: float, catalogue: Catalogue, *, size: float = 12.0) -> Svg:
    """A line with ticks and their numbers below it; numbers grow to the right in every language."""
    marks = [line(scale.start, y, scale.stop, y, stroke_width=1)]
    for tick in ticks:
        x = scale.at(tick)
        marks += [
            line(x, y, x, y + 5, stroke_width=1),
            label(catalogue.number(three_figures(tick)), x, y + 6 + size, catalogue, anchor="middle", font_size=size),
        ]
    return group(*marks, **SECONDARY.attributes)


def _side(end: float, middle: float, y: float, half: float, *, cut: bool, direction: int) -> list[tuple[float, float]]:
    """One end of a diamond: a point, or a blunt edge as high as the diamond is where the axis cuts it."""
    if not cut:
        return [(end, y)]
    blunt = half * 0.45
    return [(end, y - blunt), (end + direction * _ARROW * 0.6, y), (end, y + blunt)]


def _arrowhead(x: float, y: float, direction: int) -> Svg:
    tip, base = x + direction * _ARROW * 0.6, x - direction * _ARROW * 0.4
    return element(
        "path",
        d=f"M{coordinate(tip)} {coordinate(y)}L{coordinate(base)} {coordinate(y - 4)}V{coordinate(y + 4)}z",
        fill="currentColor",
    )
