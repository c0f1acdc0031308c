"""Funnel plot: effects against their precision, with contours of significance and the studies that trim-and-fill adds.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.counts import three_figures
from evenhand.figures.effect_scale import analysis_axis, effect_scale, finite
from evenhand.figures.palette import ANYWAY, SECONDARY
from evenhand.figures.plot_arrays import column, names_of, standard_errors
from evenhand.figures.plot_panel import (
    HEIGHT,
    WIDTH,
    Panel,
    PlotAxis,
    PlotKey,
    curve,
    dot,
    padded,
    plot_panel,
    plot_picture,
    sign_box,
    sign_dot,
    sign_line,
    upright,
)
from evenhand.figures.point_labels import point_labels
from evenhand.figures.svg import Svg, element, group, polyline
from evenhand.words.catalogue import Catalogue

_STEPS = 48
# Darker where a result is more significant; points stay readable on all of them.
_SHADES = (0.1, 0.2, 0.32, 0.4, 0.46)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Precision:
    """One way to measure precision: from a standard error, and back."""

    of: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]
    falling: bool


_PRECISION = {
    "sei": _Precision(of=lambda se: se, back=lambda y: y, falling=True),
    "vi": _Precision(of=np.square, back=np.sqrt, falling=True),
    "1/sei": _Precision(of=lambda se: 1 / se, back=lambda y: 1 / y, falling=False),
    "1/vi": _Precision(of=lambda se: 1 / se**2, back=lambda y: 1 / np.sqrt(y), falling=False),
}


def funnel_plot(
    yi: Any,
    sei: Any = None,
    *,
    vi: Any = None,
    n: Any = None,
    y_axis: str = "sei",
    estimate: float | None = None,
    reference: float = 0.0,
    contours: Sequence[float] = (0.1, 0.05, 0.01),
    level: float = 0.95,
    filled: Any = None,
    labels: Sequence[str] | None = None,
    show_labels: bool = False,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "funnel",
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Svg:
    """Effects of studies against their precision.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effects on the analysis scale; a study whose effect or precision is not finite is left out, and said.
    sei, vi : array_like, shape (k,)
        Standard errors, or variances: one of them.
    n : array_like, shape (k,), or None
        Participants, for `y_axis='n'`.
    y_axis : {'sei', 'vi', '1/sei', '1/vi', 'n'}
    estimate : float or None
        Pooled effect: an upright line, and where `level` of studies would lie round it if all had that effect.
    reference : float
        What the contours test against; 0 is no effect.
    contours : sequence of float
        Two-sided p-values whose contours are shaded; empty for none. Not drawn for `y_axis='n'`, where a place has no
        standard error.
    filled : array_like of bool, shape (k,), or None
        Studies that trim-and-fill added; drawn open.
    labels, show_labels
        Names of the studies; shown on request at the outermost ones.
    measure, effect_label
        As in `effect_scale`.
    title : str or None
        Instead of our own.
    key : str
        Prefix of every id of the picture.

    References
    ----------
    Sterne & Egger (2001). J. Clin. Epidemiol. 54, 1046-1055. Peters et al. (2008). J. Clin. Epidemiol. 61, 991-996.
    """
    catalogue = Catalogue.load(language)
    effects = column("yi", yi)
    k = effects.size
    se = standard_errors(sei, vi, k)
    names = names_of(labels, k)
    scale = effect_scale(measure, effect_label, catalogue)
    levels = sorted((float(p) for p in contours), reverse=True)
    if any(not 0 < p < 1 for p in levels) or not 0 < level < 1:
        raise ValueError("contours and level lie between 0 and 1. Mend: give p-values such as 0.1, 0.05, 0.01.")
    if len(levels) > len(_SHADES):
        raise ValueError(f"there are {len(levels)} contours; {len(_SHADES)} can be told apart.")
    added = np.zeros(k, dtype=bool) if filled is None else column("filled", filled, k).astype(bool)
    with np.errstate(divide="ignore"):
        heights = _heights(y_axis, se, n, k)
    drawn = np.flatnonzero(np.isfinite(effects) & np.isfinite(heights))
    panel = _panel(
        effects[drawn], se[drawn], heights[drawn], estimate, y_axis, level, scale, catalogue, key, width, height
    )
    has_se = y_axis != "n"
    centre = None if estimate is None or not math.isfinite(estimate) else estimate
    ground = _contours(panel, levels, reference, y_axis) if has_se else []
    z = NormalDist().inv_cdf(0.5 + level / 2)
    lines = [] if centre is None else [upright(panel, centre, stroke_width=2.4)]
    edges = [] if centre is None or not has_se else [_edge(panel, centre, side * z, y_axis) for side in (-1, 1)]
    lines += [curve(panel, edge, stroke_width=1.2, stroke_dasharray="6 3") for edge in edges]
    places = [(*panel.at(effects[i], heights[i]), 4.0) for i in drawn]
    points = [
        dot(x, y, r, names[i], fill="none" if added[i] else "currentColor", stroke="currentColor", stroke_width=1.3)
        for (x, y, r), i in zip(places, drawn, strict=True)
    ]
    middle = centre if centre is not None else reference
    order = sorted(range(len(drawn)), key=lambda at: -abs(effects[drawn[at]] - middle)) if show_labels else []
    return plot_picture(
        panel,
        group(upright(panel, reference, stroke_width=1), **SECONDARY.attributes) if ground else "",
        group(*lines, **SECONDARY.attributes),
        group(*points, id=f"{key}-points", **ANYWAY.attributes),
        *point_labels(panel, places, [names[i] for i in drawn], order, lines=edges),
        title=title or catalogue.text("figures.funnel.title", n=int(drawn.size)),
        desc=_desc(effects, added, drawn, k, centre, scale, catalogue),
        legend=_legend(
            levels if has_se else [], bool(added[drawn].any()), centre is not None, has_se, level, catalogue
        ),
        notes=[] if drawn.size == k else [catalogue.text("figures.plot.left_out", n=int(k - drawn.size))],
        ground=ground,
    )


def _heights(y_axis: str, se: Floats, n: Any, k: int) -> Floats:
    if y_axis == "n":
        if n is None:
            raise ValueError("y_axis='n' needs n, the participants of each study.")
        return column("n", n, k, least=0.0)
    if y_axis not in _PRECISION:
        raise ValueError(f"no axis '{y_axis}'. Mend: give one of {', '.join([*_PRECISION, 'n'])}.")
    return np.asarray(_PRECISION[y_axis].of(se))


def _panel(
    effects: Floats,
    se: Floats,
    heights: Floats,
    estimate: float | None,
    y_axis: str,
    level: float,
    scale: Any,
    catalogue: Catalogue,
    key: str,
    width: float,
    height: float,
) -> Panel:
    ends = finite([*effects, *([] if estimate is None else [estimate])])
    if estimate is not None and math.isfinite(estimate) and y_axis != "n" and se.size:
        reach = NormalDist().inv_cdf(0.5 + level / 2) * float(se.max())
        ends += [estimate - reach, estimate + reach]
    low, high = padded(ends)
    falling = y_axis != "n" and _PRECISION[y_axis].falling
    largest = float(heights.max()) if heights.size else 1.0
    smallest = float(heights.min()) if heights.size else 0.0
    # Precision from zero is a funnel without an end: its axis begins below the least precise study.
    bottom = 0.0 if falling or y_axis == "n" else 0.8 * smallest
    top = 1.05 * largest if largest > bottom else bottom + 1.0
    return plot_panel(
        analysis_axis(scale, low, high, catalogue),
        PlotAxis(low=bottom, high=top, falling=falling, name=catalogue.text(f"figures.funnel.axis.{_KEYS[y_axis]}")),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
    )


_KEYS = {"sei": "sei", "vi": "vi", "1/sei": "inverse_sei", "1/vi": "inverse_vi", "n": "n"}


def _rungs(panel: Panel, centre: float, z: float, y_axis: str) -> Floats:
    """Heights at which a contour is drawn; those where it meets the edges of the area are among them, to be exact."""
    low, high = panel.y.low, panel.y.high
    precision = _PRECISION[y_axis]
    meets = [(edge - centre) / z for edge in (panel.x.low, panel.x.high)] if z else []
    exact = [float(precision.of(np.float64(se))) for se in meets if se > 0]  # type: ignore[arg-type]
    # A straight line needs its ends alone.
    steps = 2 if y_axis == "sei" else _STEPS
    return np.unique([*np.linspace(low, high, steps), *(y for y in exact if low < y < high)])


def _edge(panel: Panel, centre: float, z: float, y_axis: str) -> list[tuple[float, float]]:
    heights = _rungs(panel, centre, z, y_axis)
    with np.errstate(divide="ignore"):
        x = centre + z * _PRECISION[y_axis].back(heights)
    return [(float(a), float(b)) for a, b in zip(x, heights, strict=True) if math.isfinite(a)]


def _contours(panel: Panel, levels: Sequence[float], reference: float, y_axis: str) -> list[Svg]:
    """Shaded where a study would have a p-value below the first level, darker below each further one."""
    limits = [-NormalDist().inv_cdf(p / 2) for p in levels]
    parts = []
    for shade, inner, outer in zip(_SHADES, limits, [*limits[1:], math.inf], strict=False):
        for side in (-1, 1):
            far = panel.x.high if side > 0 else panel.x.low
            near = _edge(panel, reference, side * inner, y_axis)
            away = (
                [(far, panel.y.low), (far, panel.y.high)]
                if math.isinf(outer)
                else _edge(panel, reference, side * outer, y_axis)
            )
            outline = [panel.at(x, y) for x, y in [*near, *reversed(away)]]
            parts.append(element("path", d=polyline(outline, closed=True), fill="currentColor", fill_opacity=shade))
    return [group(*parts, id=f"{panel.key}-contours", **SECONDARY.attributes)] if parts else []


def _legend(
    levels: Sequence[float], added: bool, centre: bool, has_se: bool, level: float, catalogue: Catalogue
) -> list[PlotKey]:
    entries = []
    if added:
        entries += [
            PlotKey(sign=sign_dot(ANYWAY), words=catalogue.text("figures.plot.study")),
            PlotKey(
                sign=sign_dot(ANYWAY, fill="none", stroke="currentColor", stroke_width=1.3),
                words=catalogue.text("figures.funnel.filled"),
            ),
        ]
    if centre:
        entries.append(
            PlotKey(sign=sign_line(SECONDARY, stroke_width=2.4), words=catalogue.text("figures.plot.pooled"))
        )
        if has_se:
            entries.append(
                PlotKey(
                    sign=sign_line(SECONDARY, stroke_width=1.2, stroke_dasharray="6 3"),
                    words=catalogue.text("figures.funnel.expected", percent=three_figures(100 * level)),
                )
            )
    for shade, p, lower in zip(_SHADES, levels, [*levels[1:], None], strict=False):
        words = (
            catalogue.text("figures.funnel.p_below", p=p)
            if lower is None
            else catalogue.text("figures.funnel.p_between", low=lower, high=p)
        )
        entries.append(PlotKey(sign=sign_box(SECONDARY, fill="currentColor", fill_opacity=shade), words=words))
    return entries


def _desc(
    effects: Floats,
    added: np.ndarray[Any, np.dtype[np.bool_]],
    drawn: np.ndarray[Any, np.dtype[np.intp]],
    k: int,
    centre: float | None,
    scale: Any,
    catalogue: Catalogue,
) -> str:
    parts = [catalogue.text("figures.plot.studies", n=int(drawn.size - added[drawn].sum()))]
    if centre is not None:
        above = int((effects[drawn] > centre).sum())
        number = scale.number(scale.display(centre), catalogue)
        parts.append(
            catalogue.text("figures.funnel.balance", number=number, above=above, below=int(drawn.size) - above)
        )
    if added[drawn].any():
        parts.append(catalogue.text("figures.funnel.filled_count", n=int(added[drawn].sum())))
    return " ".join(parts)
