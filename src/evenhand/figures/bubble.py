"""Bubble plot: effects against a moderator, with the line of a meta-regression and its bands.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.counts import three_figures
from evenhand.figures.effect_scale import analysis_axis, effect_scale, finite
from evenhand.figures.forest_values import readable_ends
from evenhand.figures.palette import ANYWAY, BENEFIT, SECONDARY
from evenhand.figures.plot_arrays import column, names_of, own_words, standard_errors
from evenhand.figures.plot_panel import (
    HEIGHT,
    WIDTH,
    PlotAxis,
    PlotKey,
    band,
    curve,
    dot,
    level_line,
    padded,
    plot_panel,
    plot_picture,
    sign_box,
    sign_dot,
    sign_line,
)
from evenhand.figures.point_labels import point_labels
from evenhand.figures.svg import Svg, group
from evenhand.words.catalogue import Catalogue

_LARGEST, _SMALLEST = 15.0, 2.5


def bubble_plot(
    x: Any,
    yi: Any,
    sei: Any = None,
    *,
    vi: Any = None,
    weights: Any = None,
    line_x: Any = None,
    fitted: Any = None,
    ci_lower: Any = None,
    ci_upper: Any = None,
    pi_lower: Any = None,
    pi_upper: Any = None,
    level: float = 0.95,
    x_label: str | None = None,
    labels: Sequence[str] | None = None,
    show_labels: bool = False,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "bubble",
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Svg:
    """Studies as circles whose areas are their weights, and what a meta-regression makes of them.

    Parameters
    ----------
    x : array_like, shape (k,)
        The moderator.
    yi : array_like, shape (k,)
        Effects on the analysis scale.
    sei, vi : array_like, shape (k,), or None
        Standard errors, or variances; areas are 1 / vi where no `weights` are given.
    line_x, fitted : array_like, shape (g,), or None
        Values of the moderator, and the model's effect at each; both or none, in any order.
    ci_lower, ci_upper, pi_lower, pi_upper : array_like, shape (g,), or None
        Limits of the mean effect, and of a new study's effect, at `line_x`; on the analysis scale.
    labels, show_labels, measure, effect_label, title, key
        As in `funnel_plot`.

    References
    ----------
    Thompson & Higgins (2002). Statist. Med. 21, 1559-1573.
    """
    catalogue = Catalogue.load(language)
    moderator = column("x", x)
    k = moderator.size
    effects = column("yi", yi, k)
    names = names_of(labels, k)
    scale = effect_scale(measure, effect_label, catalogue)
    area = _areas(weights, sei, vi, k)
    if (line_x is None) != (fitted is None):
        raise ValueError("give line_x and fitted together, or neither.")
    steps = column("line_x", line_x if line_x is not None else [])
    order = np.argsort(steps, kind="stable")
    steps = steps[order]
    g = steps.size

    def along(name: str, values: Any) -> Floats | None:
        return None if values is None else column(name, values, g)[order]

    line = along("fitted", fitted)
    mean_band = _pair(along("ci_lower", ci_lower), along("ci_upper", ci_upper))
    new_band = _pair(along("pi_lower", pi_lower), along("pi_upper", pi_upper))
    usable = np.flatnonzero(np.isfinite(moderator) & np.isfinite(effects) & np.isfinite(area) & (area >= 0))
    core = [*effects[usable], *([] if line is None else finite(line))]
    limits = [value for pair in (mean_band, new_band) if pair is not None for side in pair for value in finite(side)]
    low, high = readable_ends(core, limits, log=False)
    left, right = padded([*moderator[usable], *finite(steps)], share=0.06)
    panel = plot_panel(
        PlotAxis(low=left, high=right, name=own_words(x_label, catalogue.text("figures.bubble.moderator"))),
        analysis_axis(scale, low, high, catalogue),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
    )
    biggest = float(area[usable].max()) if usable.size and area[usable].max() > 0 else 1.0
    places = [
        (*panel.at(moderator[i], effects[i]), max(_SMALLEST, _LARGEST * math.sqrt(area[i] / biggest))) for i in usable
    ]
    circles = [
        dot(a, b, r, names[i], fill="currentColor", fill_opacity=0.35, stroke="currentColor", stroke_width=1.2)
        for (a, b, r), i in sorted(zip(places, usable, strict=True), key=lambda pair: -pair[0][2])
    ]
    marks: list[str] = []
    legend = [
        PlotKey(
            sign=sign_dot(ANYWAY, fill="currentColor", fill_opacity=0.35, stroke="currentColor"),
            words=catalogue.text("figures.bubble.size"),
        )
    ]
    percent = three_figures(100 * level)
    for name, pair, opacity in (("prediction", new_band, 0.1), ("band", mean_band, 0.2)):
        if pair is None:
            continue
        marks.append(
            group(
                band(panel, _points(steps, pair[0]), _points(steps, pair[1]), fill_opacity=opacity),
                *(curve(panel, _points(steps, side), stroke_width=1, stroke_dasharray="4 3") for side in pair)
                if name == "prediction"
                else (),
                id=f"{key}-{name}",
                **BENEFIT.attributes,
            )
        )
        legend.append(
            PlotKey(
                sign=sign_box(
                    BENEFIT,
                    fill="currentColor",
                    fill_opacity=opacity,
                    stroke_dasharray="4 3" if name == "prediction" else None,
                ),
                words=catalogue.text(f"figures.bubble.{name}", percent=percent),
            )
        )
    if scale.null is not None:
        marks.append(group(level_line(panel, 0.0, stroke_width=1.2), **SECONDARY.attributes))
    if line is not None:
        marks.append(
            group(curve(panel, _points(steps, line), stroke_width=2.2), id=f"{key}-line", **BENEFIT.attributes)
        )
        legend.append(PlotKey(sign=sign_line(BENEFIT, stroke_width=2.2), words=catalogue.text("figures.bubble.line")))
    desc = [catalogue.text("figures.plot.studies", n=int(usable.size))]
    along_line = [] if line is None else _points(steps, line)
    if along_line:
        first, last = (scale.number(scale.display(along_line[at][1]), catalogue) for at in (0, -1))
        desc.append(
            catalogue.text(
                "figures.bubble.desc",
                effect=scale.name,
                first=first,
                start=three_figures(along_line[0][0]),
                last=last,
                stop=three_figures(along_line[-1][0]),
            )
        )
    outermost = sorted(range(usable.size), key=lambda at: -area[usable[at]]) if show_labels else []
    return plot_picture(
        panel,
        *marks,
        group(*circles, id=f"{key}-points", **ANYWAY.attributes),
        *point_labels(
            panel,
            places,
            [names[i] for i in usable],
            outermost,
            lines=[] if line is None else [_points(steps, line), [(left, 0.0), (right, 0.0)]],
        ),
        title=title or catalogue.text("figures.bubble.title", n=int(usable.size)),
        desc=" ".join(desc),
        legend=legend,
        notes=[] if usable.size == k else [catalogue.text("figures.plot.left_out", n=int(k - usable.size))],
    )


def _areas(weights: Any, sei: Any, vi: Any, k: int) -> Floats:
    if weights is not None:
        return column("weights", weights, k, least=0.0)
    if sei is None and vi is None:
        return np.ones(k)
    with np.errstate(divide="ignore"):
        return np.asarray(1 / standard_errors(sei, vi, k) ** 2)


def _pair(lower: Floats | None, upper: Floats | None) -> tuple[Floats, Floats] | None:
    if (lower is None) != (upper is None):
        raise ValueError("a band needs both limits, the lower and the upper.")
    return None if lower is None or upper is None else (lower, upper)


def _points(x: Floats, y: Floats) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True) if math.isfinite(a) and math.isfinite(b)]
