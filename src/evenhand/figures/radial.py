"""Radial (Galbraith) plot: each study's effect in units of its standard error, against its precision.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np

from evenhand.figures.counts import three_figures
from evenhand.figures.effect_scale import EffectScale, analysis_axis, effect_scale
from evenhand.figures.palette import ANYWAY, BENEFIT, SECONDARY
from evenhand.figures.plot_arrays import column, names_of, standard_errors
from evenhand.figures.plot_panel import (
    HEIGHT,
    SMALL,
    WIDTH,
    Panel,
    PlotAxis,
    PlotKey,
    band,
    curve,
    dot,
    plot_panel,
    plot_picture,
    sign_box,
    sign_dot,
    sign_line,
)
from evenhand.figures.point_labels import point_labels
from evenhand.figures.svg import Svg, group, label, line
from evenhand.words.catalogue import Catalogue

_ARC = 0.93  # of the width of the area
_ARC_ROOM = 52.0


def radial_plot(
    yi: Any,
    sei: Any = None,
    *,
    vi: Any = None,
    estimate: float,
    tau2: float = 0.0,
    level: float = 0.95,
    labels: Sequence[str] | None = None,
    show_labels: bool = False,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "radial",
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Svg:
    """Studies as (1 / s, yi / s) with s² = vi + tau2; a line from the origin has the effect as its slope.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effects on the analysis scale.
    sei, vi : array_like, shape (k,)
        Standard errors, or variances: one of them.
    estimate : float
        Pooled effect: the slope of the line. The band round it holds `level` of studies if all have that effect.
    tau2 : float
        Between-study variance of the model; 0 for the common-effect model.
    labels, show_labels, measure, effect_label, title, key
        As in `funnel_plot`.

    References
    ----------
    Galbraith (1988). Technometrics 30, 271-281. Galbraith (1994). J. Am. Stat. Assoc. 89, 1232-1242.
    """
    catalogue = Catalogue.load(language)
    effects = column("yi", yi)
    k = effects.size
    errors = standard_errors(sei, vi, k)
    names = names_of(labels, k)
    if not math.isfinite(estimate):
        raise ValueError("estimate is not finite. Mend: give the pooled effect on the analysis scale.")
    if not (math.isfinite(tau2) and tau2 >= 0):
        raise ValueError(f"tau2 is {tau2:g}; a variance is 0 or more.")
    scale = effect_scale(measure, effect_label, catalogue)
    spread = np.sqrt(errors**2 + tau2)
    usable = np.flatnonzero(np.isfinite(effects) & np.isfinite(spread) & (spread > 0))
    x, z = 1 / spread[usable], effects[usable] / spread[usable]
    reach = NormalDist().inv_cdf(0.5 + level / 2)
    furthest = 1.12 * float(x.max()) if usable.size else 1.0
    ends = [-reach, reach, estimate * furthest - reach, estimate * furthest + reach, *z]
    room = 0.05 * (max(ends) - min(ends))
    panel = plot_panel(
        PlotAxis(low=0.0, high=furthest, name=catalogue.text(f"figures.radial.axis.{'total' if tau2 else 'sei'}")),
        PlotAxis(low=min(ends) - room, high=max(ends) + room, name=catalogue.text("figures.radial.axis.z")),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
        side=_ARC_ROOM if catalogue.direction == "ltr" else 10.0,
    )
    places = [(*panel.at(float(a), float(b)), 4.0) for a, b in zip(x, z, strict=True)]
    points = [dot(*place, names[i], fill="currentColor") for place, i in zip(places, usable, strict=True)]
    far = [(0.0, 0.0), (furthest, estimate * furthest)]
    off = z - estimate * x
    outside = int((np.abs(off) > reach).sum())
    order = sorted(range(usable.size), key=lambda at: -abs(off[at])) if show_labels else []
    low, high = [(a, b - reach) for a, b in far], [(a, b + reach) for a, b in far]
    percent = three_figures(100 * level)
    return plot_picture(
        panel,
        group(band(panel, low, high, fill_opacity=0.14), id=f"{key}-band", **BENEFIT.attributes),
        group(curve(panel, far, stroke_width=2), id=f"{key}-line", **BENEFIT.attributes),
        group(curve(panel, [(0.0, 0.0), (furthest, 0.0)], stroke_width=1.2), **SECONDARY.attributes),
        _arc(panel, effects[usable].tolist(), estimate, scale, catalogue),
        group(*points, id=f"{key}-points", **ANYWAY.attributes),
        *point_labels(panel, places, [names[i] for i in usable], order, lines=[far, [(0.0, 0.0), (furthest, 0.0)]]),
        title=title or catalogue.text("figures.radial.title", n=int(usable.size)),
        desc=" ".join(
            (
                catalogue.text("figures.plot.studies", n=int(usable.size)),
                catalogue.text(
                    "figures.radial.desc",
                    number=scale.number(scale.display(estimate), catalogue),
                    n=outside,
                    percent=percent,
                ),
            )
        ),
        legend=[
            PlotKey(sign=sign_dot(ANYWAY), words=catalogue.text("figures.plot.study")),
            PlotKey(sign=sign_line(BENEFIT, stroke_width=2), words=catalogue.text("figures.plot.pooled")),
            PlotKey(
                sign=sign_box(BENEFIT, fill="currentColor", fill_opacity=0.14),
                words=catalogue.text("figures.radial.band", percent=percent),
            ),
        ],
        notes=[catalogue.text("figures.radial.arc", effect=scale.name)]
        + ([] if usable.size == k else [catalogue.text("figures.plot.left_out", n=int(k - usable.size))]),
    )


def _arc(panel: Panel, effects: list[float], estimate: float, scale: EffectScale, catalogue: Catalogue) -> Svg:
    """Effects on an arc round the origin: the line from the origin through a study meets it at the study's effect."""
    low, high = min([*effects, estimate]), max([*effects, estimate])
    if not low < high:
        low, high = low - 0.5, high + 0.5
    marks = analysis_axis(scale, low, high, catalogue).ticks
    radius = _ARC * (panel.right - panel.left)
    centre = panel.x.at(0.0), panel.y.beyond(0.0)

    def place(effect: float, reach: float) -> tuple[float, float]:
        # One unit of precision to the right is `effect` units of z up.
        right = (panel.x.beyond(1.0) - centre[0], panel.y.beyond(effect) - centre[1])
        share = reach / math.hypot(*right)
        return centre[0] + share * right[0], centre[1] + share * right[1]

    parts: list[Svg] = []
    shown = []
    for effect, words in marks(7) if marks is not None else ():
        x, y = place(effect, radius)
        if not panel.top + 6 <= y <= panel.bottom - 6:
            continue
        out = place(effect, radius + 5)
        shown.append(effect)
        parts += [
            line(x, y, *out, stroke_width=1),
            label(words, *_beside(place(effect, radius + 9)), catalogue, font_size=SMALL),
        ]
    if len(shown) > 1:
        steps = np.linspace(shown[0], shown[-1], 40)
        ends = [place(float(effect), radius) for effect in steps]
        parts += [line(*first, *second, stroke_width=1) for first, second in pairwise(ends)]
    return group(*parts, id=f"{panel.key}-arc", **SECONDARY.attributes)


def _beside(place: tuple[float, float]) -> tuple[float, float]:
    return place[0], place[1] + 4.0
