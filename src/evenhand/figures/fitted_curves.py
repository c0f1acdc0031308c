"""Curves that a model fitted, with their bands and the data beneath them: what dose and time plots are made of.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.counts import common_digits, three_figures
from evenhand.figures.effect_scale import EffectScale, analysis_axis, effect_scale
from evenhand.figures.palette import ANYWAY, BENEFIT, DASHES, LINES, SECONDARY, Paint
from evenhand.figures.plot_arrays import column
from evenhand.figures.plot_panel import (
    Panel,
    PlotAxis,
    PlotKey,
    band,
    curve,
    discs,
    level_line,
    padded,
    plot_panel,
    plot_picture,
    sign_box,
    sign_dot,
    sign_line,
    upright,
)
from evenhand.figures.svg import Svg, element, group, isolated
from evenhand.words.catalogue import Catalogue, Raw

_LARGEST, _SMALLEST, _PLAIN = 11.0, 2.5, 4.0
PAINTS = (BENEFIT, *LINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedCurve:
    """What a model says at each x, on the analysis scale."""

    name: str
    x: Any  # (g,)
    fitted: Any  # (g,)
    ci_lower: Any = None  # (g,), or None for no band
    ci_upper: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPoints:
    """What studies saw, on the analysis scale; nan where they did not say."""

    x: Any  # (m,)
    yi: Any  # (m,)
    ci_lower: Any = None  # (m,), or None for no bars
    ci_upper: Any = None
    weights: Any = None  # (m,): the areas of the points; None draws all alike
    curve: int | None = None  # the place of the curve they belong to, whose colour they take
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPlace:
    """A value of x with its name: where half the effect is reached, or where treatment stopped."""

    x: float
    name: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One curve, or one set of points, checked."""

    x: Floats
    y: Floats
    lower: Floats | None
    upper: Floats | None


def curves_picture(
    curves: Sequence[FittedCurve],
    points: Sequence[SeenPoints],
    places: Sequence[MarkedPlace],
    *,
    x_name: str,
    title: str,
    measure: str | None,
    effect_label: str | None,
    catalogue: Catalogue,
    key: str,
    width: float,
    height: float,
) -> Svg:
    """All curves on one panel, each with a colour, a dash and its name in the key.

    Raises
    ------
    ValueError
        For nothing to draw, columns of unequal lengths, one limit without the other, or points of no curve.
    """
    scale = effect_scale(measure, effect_label, catalogue)
    lines = [_curve(one) for one in curves]
    seen = [_seen(one, len(curves)) for one in points]
    if not any(np.isfinite(one.y).any() for one in (*lines, *seen)):
        raise ValueError("no curve and no point has a finite effect. Mend: give at least one of them.")
    null = 0.0 if scale.null is not None else None
    panel = _panel(lines, seen, places, null, x_name, scale, catalogue, key, width, height)
    marks: list[Svg] = []
    legend: list[PlotKey] = []
    for at, one in enumerate(lines):
        if one.lower is not None and one.upper is not None:
            low, high = _both(one.x, one.lower), _both(one.x, one.upper)
            marks.append(
                group(band(panel, low, high, fill_opacity=0.13), id=f"{key}-band-{at}", **_paint(at).attributes)
            )
    if null is not None:
        marks.append(group(level_line(panel, null, stroke_width=1.2), **SECONDARY.attributes))
    for at, place in enumerate(places):
        mark = upright(panel, place.x, stroke_width=1.2, stroke_dasharray="2 3")
        marks.append(group(mark, id=f"{key}-place-{at}", **SECONDARY.attributes))
        words = catalogue.text("figures.curves.place", name=place.name, number=three_figures(place.x))
        legend.append(PlotKey(sign=sign_line(SECONDARY, stroke_width=1.2, stroke_dasharray="2 3"), words=words))
    for at, (given, data) in enumerate(zip(points, seen, strict=True)):
        paint = ANYWAY if given.curve is None else _paint(given.curve)
        marks.append(_points(panel, data, given, at, paint))
        if given.name:
            legend.append(
                PlotKey(sign=sign_dot(paint, fill="currentColor", fill_opacity=0.5), words=isolated(given.name))
            )
    for at, (fitted, one) in enumerate(zip(curves, lines, strict=True)):
        look = {"stroke_width": 2.2, "stroke_dasharray": DASHES[at % len(DASHES)]}
        marks.append(group(curve(panel, _both(one.x, one.y), **look), id=f"{key}-line-{at}", **_paint(at).attributes))
        legend.append(PlotKey(sign=sign_line(_paint(at), **look), words=isolated(fitted.name)))
    if any(one.lower is not None for one in lines):
        legend.append(
            PlotKey(
                sign=sign_box(BENEFIT, fill="currentColor", fill_opacity=0.13),
                words=catalogue.text("figures.curves.band"),
            )
        )
    left_out = sum(int(np.sum(~(np.isfinite(one.x) & np.isfinite(one.y)))) for one in seen)
    return plot_picture(
        panel,
        *marks,
        title=title,
        desc=_desc(curves, lines, seen, places, scale, catalogue),
        legend=legend,
        notes=[catalogue.text("figures.curves.left_out", n=left_out)] if left_out else [],
    )


def _paint(at: int) -> Paint:
    return PAINTS[at % len(PAINTS)]


def _curve(one: FittedCurve) -> _Drawn:
    x = column(f"x of '{one.name}'", one.x)
    y = column(f"fitted of '{one.name}'", one.fitted, x.size)
    order = np.argsort(x, kind="stable")
    lower, upper = _limits(one.ci_lower, one.ci_upper, x.size)
    kept = [None if part is None else part[order] for part in (lower, upper)]
    return _Drawn(x[order], y[order], kept[0], kept[1])


def _seen(one: SeenPoints, curves: int) -> _Drawn:
    x = column("x of the points", one.x)
    y = column("yi of the points", one.yi, x.size)
    if one.curve is not None and not 0 <= one.curve < curves:
        raise ValueError(f"points belong to curve {one.curve}, and there are {curves}. Mend: give a place from 0 on.")
    return _Drawn(x, y, *_limits(one.ci_lower, one.ci_upper, x.size))


def _limits(lower: Any, upper: Any, size: int) -> tuple[Floats | None, Floats | None]:
    if (lower is None) != (upper is None):
        raise ValueError("give ci_lower and ci_upper together, or neither.")
    if lower is None:
        return None, None
    return column("ci_lower", lower, size), column("ci_upper", upper, size)


def _panel(
    lines: Sequence[_Drawn],
    seen: Sequence[_Drawn],
    places: Sequence[MarkedPlace],
    null: float | None,
    x_name: str,
    scale: EffectScale,
    catalogue: Catalogue,
    key: str,
    width: float,
    height: float,
) -> Panel:
    """Ends by curves, bands and points; the bars of points may go on beyond them."""
    across = [v for one in (*lines, *seen) for v in one.x.tolist() if math.isfinite(v)]
    across += [place.x for place in places if math.isfinite(place.x)]
    up = [v for one in (*lines, *seen) for v in one.y.tolist() if math.isfinite(v)]
    up += [v for one in lines for part in (one.lower, one.upper) if part is not None for v in part if math.isfinite(v)]
    low, high = padded([*up, *([] if null is None else [null])])
    start, stop = padded(across, share=0.03)
    return plot_panel(
        PlotAxis(low=start, high=stop, name=x_name),
        analysis_axis(scale, low, high, catalogue),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
    )


def _both(x: Floats, y: Floats) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True) if math.isfinite(a) and math.isfinite(b)]


def _points(panel: Panel, data: _Drawn, given: SeenPoints, at: int, paint: Paint) -> Svg:
    m = data.x.size
    weights = None if given.weights is None else column("weights of the points", given.weights, m, least=0.0)
    heaviest = 0.0 if weights is None else float(np.nanmax(weights, initial=0.0))
    usable = [i for i in range(m) if panel.holds(float(data.x[i]), float(data.y[i]))]
    share = np.ones(m) if weights is None or heaviest <= 0 else np.nan_to_num(weights) / heaviest
    largest = _PLAIN if weights is None else _LARGEST
    radii = [max(_SMALLEST, largest * math.sqrt(float(share[i]))) for i in usable]
    bars = []
    if data.lower is not None and data.upper is not None:
        for i in usable:
            if not (math.isnan(data.lower[i]) or math.isnan(data.upper[i])):
                ends = [(float(data.x[i]), _held(panel, float(end))) for end in (data.lower[i], data.upper[i])]
                bars.append(curve(panel, ends, stroke_width=1.1))
    places = [panel.at(float(data.x[i]), float(data.y[i])) for i in usable]
    dots = (
        element(
            "path",
            d=discs(places, radii),
            fill="currentColor",
            fill_opacity=0.5,
            stroke="currentColor",
            stroke_width=0.8,
        )
        if usable
        else Svg("")
    )
    return group(*bars, dots, id=f"{panel.key}-points-{at}", **paint.attributes)


def _held(panel: Panel, value: float) -> float:
    return min(max(value, panel.y.low), panel.y.high)


def _desc(
    curves: Sequence[FittedCurve],
    lines: Sequence[_Drawn],
    seen: Sequence[_Drawn],
    places: Sequence[MarkedPlace],
    scale: EffectScale,
    catalogue: Catalogue,
) -> str:
    """Each curve at its first and last x, what is marked, and how many points stand beneath."""
    said = []
    for given, one in zip(curves, lines, strict=True):
        both = _both(one.x, one.y)
        if not both:
            continue
        ends = [scale.display(both[at][1]) for at in (0, -1)]
        digits = common_digits(*ends)
        first, last = (Raw(scale.number(end, catalogue, digits)) for end in ends)
        start, stop = three_figures(both[0][0]), three_figures(both[-1][0])
        said.append(
            catalogue.text("figures.curves.desc", name=given.name, first=first, start=start, last=last, stop=stop)
        )
    said += [
        f"{catalogue.text('figures.curves.place', name=place.name, number=three_figures(place.x))}." for place in places
    ]
    said.append(catalogue.text("figures.curves.points", n=sum(int(np.isfinite(one.y).sum()) for one in seen)))
    return " ".join(said)
