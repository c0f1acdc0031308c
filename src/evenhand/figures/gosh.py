"""GOSH plot: the pooled effect and the heterogeneity of every subset of the studies, counted in cells.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

A million subsets would be a million points; hexagons that count them show the same clouds in a few kilobytes.
"""

import math
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.effect_scale import analysis_axis, effect_scale
from evenhand.figures.palette import ANYWAY, HARM, SECONDARY
from evenhand.figures.plot_arrays import column, own_words
from evenhand.figures.plot_panel import (
    WIDTH,
    Panel,
    PlotAxis,
    PlotKey,
    discs,
    padded,
    plot_panel,
    plot_picture,
    sign_box,
    sign_dot,
    upright,
)
from evenhand.figures.svg import Svg, coordinate, element, group
from evenhand.words.catalogue import Catalogue, Raw

_SHADES = (0.12, 0.26, 0.44, 0.66, 0.92)
_BARS, _HEAD, _SIDE = 60, 46.0, 46.0


def gosh_plot(
    estimates: Any,
    i2: Any,
    *,
    highlighted: Any = None,
    highlight_label: str | None = None,
    estimate: float | None = None,
    cells: int = 42,
    y_label: str | None = None,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "gosh",
    width: float = WIDTH,
    height: float = 460.0,
) -> Svg:
    """Every subset's pooled effect against its heterogeneity, with the distribution of each beside it.

    Parameters
    ----------
    estimates : array_like, shape (m,)
        Pooled effect of each subset, on the analysis scale.
    i2 : array_like, shape (m,)
        Heterogeneity of each subset, percent; with `y_label` any other measure of it.
    highlighted : array_like of bool, shape (m,), or None
        Subsets that hold a study of interest. A dot in each cell has their share of it as its area.
    estimate : float or None
        Of all studies together, as a line.
    cells : int
        Hexagons across the picture, 8 to 120.
    measure, effect_label, title, key
        As in `funnel_plot`.

    References
    ----------
    Olkin, Dahabreh & Trikalinos (2012). Res. Synth. Methods 3, 214-223.
    """
    catalogue = Catalogue.load(language)
    effects = column("estimates", estimates)
    m = effects.size
    spread = column("i2", i2, m)
    marked = None if highlighted is None else column("highlighted", highlighted, m).astype(bool)
    if not 8 <= cells <= 120:
        raise ValueError(f"cells is {cells}. Mend: give 8 to 120.")
    scale = effect_scale(measure, effect_label, catalogue)
    usable = np.isfinite(effects) & np.isfinite(spread)
    effects, spread = effects[usable], spread[usable]
    marked = None if marked is None else marked[usable]
    low, high = padded(effects.tolist() if effects.size else [0.0], share=0.04)
    bottom, top = (-3.0, 103.0) if y_label is None else padded(spread.tolist(), share=0.04)
    panel = plot_panel(
        analysis_axis(scale, low, high, catalogue),
        PlotAxis(low=bottom, high=top, name=own_words(y_label, catalogue.text("figures.gosh.i2"))),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
        head=_HEAD,
        side=_SIDE,
    )
    x = panel.left + (effects - low) / (high - low) * (panel.right - panel.left)
    y = panel.bottom - (spread - bottom) / (top - bottom) * (panel.bottom - panel.top)
    radius = (panel.right - panel.left) / cells / math.sqrt(3)
    centres, counts, inside = hexagons(x, y, radius, marked)
    levels = _levels(counts)
    legend = [
        PlotKey(
            sign=sign_box(ANYWAY, fill="currentColor", fill_opacity=_SHADES[at]),
            words=catalogue.text("figures.gosh.cell", low=first, high=last)
            if first < last
            else catalogue.text("figures.gosh.cell_one", count=first),
        )
        for at, (first, last) in enumerate(levels)
    ]
    marks = [
        group(
            *(
                _cells(centres[(counts >= first) & (counts <= last)], radius, _SHADES[at])
                for at, (first, last) in enumerate(levels)
            ),
            id=f"{key}-cells",
            **ANYWAY.attributes,
        )
    ]
    if marked is not None and inside is not None:
        share = inside / np.maximum(counts, 1)
        inhabited = share > 0
        radii = np.maximum(0.55 * radius * np.sqrt(share[inhabited]), 0.4)
        dots = discs(((float(a), float(b)) for a, b in centres[inhabited]), radii.tolist())
        marks.append(group(element("path", d=dots, fill="currentColor"), id=f"{key}-highlighted", **HARM.attributes))
        words = catalogue.text(
            "figures.gosh.highlighted", name=highlight_label or catalogue.text("figures.gosh.study_of_interest")
        )
        legend.append(PlotKey(sign=sign_dot(HARM, fill="currentColor"), words=words))
    marks += [
        _bars_above(panel, x, marked),
        _bars_beside(panel, y),
    ]
    if estimate is not None and math.isfinite(estimate):
        marks.append(group(upright(panel, estimate, stroke_width=1.6, stroke_dasharray="6 3"), **SECONDARY.attributes))
    desc = [catalogue.text("figures.gosh.subsets", n=int(effects.size))]
    if effects.size:
        span = scale.span(*(float(v) for v in np.quantile(effects, [0.5, 0.025, 0.975])))
        desc.append(catalogue.text("figures.gosh.desc", numbers=Raw(scale.words(span, catalogue))))
    return plot_picture(
        panel,
        *marks,
        title=title or catalogue.text("figures.gosh.title"),
        desc=" ".join(desc),
        legend=legend,
        notes=[] if effects.size == m else [catalogue.text("figures.gosh.left_out", n=int(m - effects.size))],
    )


def hexagons(
    x: Floats, y: Floats, radius: float, marked: np.ndarray[Any, np.dtype[np.bool_]] | None = None
) -> tuple[Floats, np.ndarray[Any, np.dtype[np.intp]], np.ndarray[Any, np.dtype[np.intp]] | None]:
    """Points counted in hexagons that stand on a corner.

    Parameters
    ----------
    x, y : ndarray, shape (m,)
    radius : float
        From a hexagon's centre to its corners.
    marked : ndarray of bool, shape (m,), or None

    Returns
    -------
    centres : ndarray, shape (c, 2)
        Of the hexagons with points, in a fixed order.
    counts : ndarray of int, shape (c,)
        All points of each, m together.
    inside : ndarray of int, shape (c,), or None
        Marked points of each.

    References
    ----------
    Carr et al. (1987). J. Am. Stat. Assoc. 82, 424-436: the nearest centre on one of two interleaved rectangular grids.
    """
    wide, tall = math.sqrt(3) * radius, 3 * radius
    at: Floats = np.column_stack((x / wide, y / tall)).astype(np.float64)
    near: list[Floats] = [np.rint(at), np.floor(at) + 0.5]
    steps = np.array([wide, tall])
    places: list[Floats] = [grid * steps for grid in near]
    away = [(place[:, 0] - x) ** 2 + (place[:, 1] - y) ** 2 for place in places]
    chosen = np.where((away[0] <= away[1])[:, None], near[0], near[1])
    # Twice the grid's steps are whole numbers, so that equal centres are equal.
    twice, of_point = np.unique(np.round(2 * chosen).astype(np.int64), axis=0, return_inverse=True)
    of_point = of_point.reshape(-1)
    counts = np.bincount(of_point, minlength=len(twice))
    inside = None if marked is None else np.bincount(of_point[marked], minlength=len(twice))
    return twice / 2 * steps, counts, inside


def _levels(counts: np.ndarray[Any, np.dtype[np.intp]]) -> list[tuple[int, int]]:
    """Up to five ranges of counts, even on a logarithmic scale, from one to the largest."""
    if not counts.size:
        return []
    largest = int(counts.max())
    bounds = sorted({round(largest ** (at / len(_SHADES))) for at in range(1, len(_SHADES))} | {largest})
    levels, first = [], 1
    for last in bounds:
        if last >= first:
            levels.append((first, last))
            first = last + 1
    return levels


def _cells(centres: Floats, radius: float, shade: float) -> Svg:
    """One path for all hexagons of a shade."""
    if not len(centres):
        return Svg("")
    half, up = radius * math.sqrt(3) / 2, radius / 2
    corners = f"l{coordinate(half)} {coordinate(up)}v{coordinate(radius)}l{coordinate(-half)} {coordinate(up)}"
    corners += f"l{coordinate(-half)} {coordinate(-up)}v{coordinate(-radius)}z"
    drawn = "".join(f"M{coordinate(x)} {coordinate(y - radius)}{corners}" for x, y in centres)
    return element("path", d=drawn, fill="currentColor", fill_opacity=shade)


def _bars_above(panel: Panel, x: Floats, marked: np.ndarray[Any, np.dtype[np.bool_]] | None) -> Svg:
    """How often each effect occurs, above the area; the highlighted subsets as a line of steps."""
    if not x.size:
        return Svg("")
    counts, edges = np.histogram(x, bins=_BARS, range=(panel.left, panel.right))
    tallest = counts.max()
    base = panel.top - 4.0
    tops = base - (_HEAD - 8) * counts / tallest
    bars = "".join(
        f"M{coordinate(a)} {coordinate(base)}V{coordinate(top)}H{coordinate(b)}V{coordinate(base)}z"
        for a, b, top in zip(edges, edges[1:], tops, strict=False)
        if top < base
    )
    parts = [group(element("path", d=bars, fill="currentColor", fill_opacity=0.45), **ANYWAY.attributes)]
    if marked is not None and marked.any():
        part, _ = np.histogram(x[marked], bins=_BARS, range=(panel.left, panel.right))
        steps = "".join(
            f"H{coordinate(a)}V{coordinate(base - (_HEAD - 8) * n / tallest)}"
            for a, n in zip(edges, part, strict=False)
        )
        path = f"M{coordinate(panel.left)} {coordinate(base)}{steps}H{coordinate(panel.right)}V{coordinate(base)}"
        parts.append(
            group(element("path", d=path, fill="none", stroke="currentColor", stroke_width=1.6), **HARM.attributes)
        )
    return group(*parts, id=f"{panel.key}-above")


def _bars_beside(panel: Panel, y: Floats) -> Svg:
    """How often each heterogeneity occurs, where reading ends."""
    if not y.size:
        return Svg("")
    counts, edges = np.histogram(y, bins=_BARS, range=(panel.top, panel.bottom))
    base, out = (panel.left - 4.0, -1) if panel.rtl else (panel.right + 4.0, 1)
    tips = base + out * (_SIDE - 8) * counts / counts.max()
    bars = "".join(
        f"M{coordinate(base)} {coordinate(a)}H{coordinate(tip)}V{coordinate(b)}H{coordinate(base)}z"
        for a, b, tip in zip(edges, edges[1:], tips, strict=False)
        if tip != base
    )
    return group(element("path", d=bars, fill="currentColor", fill_opacity=0.45), **ANYWAY.attributes)
