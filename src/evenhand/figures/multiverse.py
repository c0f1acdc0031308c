"""Multiverse plot (specification curve): the pooled effect under every defensible choice, and which choices those are.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evenhand.figures.effect_scale import analysis_axis, effect_scale, finite
from evenhand.figures.forest_values import readable_ends
from evenhand.figures.palette import ANYWAY, BENEFIT, GRID, HARM, SECONDARY
from evenhand.figures.plot_arrays import column
from evenhand.figures.plot_panel import (
    SIZE,
    SMALL,
    WIDTH,
    Panel,
    PlotAxis,
    PlotKey,
    discs,
    level_line,
    plot_panel,
    plot_picture,
    sign_dot,
    sign_line,
)
from evenhand.figures.svg import Svg, coordinate, element, group, isolated, label, line
from evenhand.figures.text_width import text_width, wrapped
from evenhand.words.catalogue import Catalogue, Raw

_ROW, _TITLE, _ABOVE = 17.0, 22.0, 10.0
_NAMES, _CURVE = 220.0, 250.0
_ARROW = 5.0  # length of the arrow of an interval that leaves the axis


def multiverse_plot(
    estimate: Any,
    ci_lower: Any,
    ci_upper: Any,
    choices: Mapping[str, Sequence[str]],
    *,
    main: int | None = None,
    main_label: str | None = None,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "multiverse",
    width: float = WIDTH,
) -> Svg:
    """Analyses side by side, from the lowest estimate to the highest; below each, the choices that made it.

    Parameters
    ----------
    estimate, ci_lower, ci_upper : array_like, shape (m,)
        Pooled effect and its interval in each analysis, on the analysis scale; one without an estimate is left out,
        and said.
    choices : mapping of str to sequence of str, each of length m
        What was chosen in each analysis, by the name of the choice: {'Estimator': ['REML', 'DL', …], …}.
    main : int or None
        Index of the analysis planned; marked by a ring and an upright line.
    main_label : str or None
        What that analysis is, where it is not the one planned.
    measure, effect_label, title, key
        As in `funnel_plot`.

    References
    ----------
    Steegen et al. (2016). Perspect. Psychol. Sci. 11, 702-712. Simonsohn, Simmons & Nelson (2020). Nat. Hum. Behav. 4,
    1208-1214. Voracek, Kossmeier & Tran (2019). Z. Psychol. 227, 64-82.
    """
    catalogue = Catalogue.load(language)
    values = column("estimate", estimate)
    m = values.size
    lower, upper = column("ci_lower", ci_lower, m), column("ci_upper", ci_upper, m)
    for name, chosen in choices.items():
        if len(chosen) != m:
            raise ValueError(
                f"choices['{name}'] has {len(chosen)} entries for {m} analyses. Mend: give one an analysis."
            )
    if main is not None and not 0 <= main < m:
        raise ValueError(f"main is {main}, and the analyses are 0 to {m - 1}.")
    scale = effect_scale(measure, effect_label, catalogue)
    usable = np.flatnonzero(np.isfinite(values))
    order = usable[np.argsort(values[usable], kind="stable")]
    count = int(order.size)
    core = [*values[order], *([] if scale.null is None else [0.0])]
    low, high = readable_ends(core, finite([*lower[order], *upper[order]]), log=False)
    options = {name: _in_order(chosen) for name, chosen in choices.items()}
    names = min(
        _NAMES,
        0.45 * width,
        max(
            (text_width(text, SIZE, bold=True) + 14 for name in options for text in (name, *options[name])),
            default=40.0,
        ),
    )
    rows = sum(_TITLE + _ROW * len(chosen) for chosen in options.values())
    panel = plot_panel(
        # One step an analysis, and half a step of room at both ends.
        PlotAxis(low=-0.5, high=max(count, 1) - 0.5, name="", ticks=_no_ticks),
        analysis_axis(scale, low, high, catalogue),
        key=key,
        catalogue=catalogue,
        width=width,
        height=_CURVE + 46.0,
        names=names,
    )
    places = {int(index): panel.x.at(float(at)) for at, index in enumerate(order)}
    step = (panel.right - panel.left) / max(count, 1)
    planned = None if main is None or main not in places else main
    marks: list[str] = []
    if scale.null is not None:
        marks.append(group(level_line(panel, 0.0, stroke_width=1.2), **SECONDARY.attributes))
    if planned is not None:
        x = places[planned]
        marks.append(
            group(
                line(
                    x,
                    panel.top,
                    x,
                    panel.bottom + _ABOVE + rows,
                    stroke_width=max(1.0, min(step, 9.0)),
                    stroke_opacity=0.3,
                ),
                **HARM.attributes,
            )
        )
    marks += [
        _intervals(panel, [(places[int(i)], lower[i], upper[i]) for i in order], step),
        _dots(panel, [(places[int(i)], values[i]) for i in order], step),
        _matrix(panel, choices, options, places, step),
    ]
    legend = [
        PlotKey(sign=sign_dot(BENEFIT), words=catalogue.text("figures.multiverse.estimate")),
        PlotKey(sign=sign_line(ANYWAY, stroke_width=1.4), words=catalogue.text("figures.multiverse.interval")),
    ]
    if planned is not None:
        ring: dict[str, str | float | None] = {"fill": "none", "stroke": "currentColor", "stroke_width": 1.8}
        marks.append(
            group(
                element("circle", cx=places[planned], cy=panel.y.at(values[planned]), r=6.0, **ring),
                id=f"{key}-main",
                **HARM.attributes,
            )
        )
        legend.append(
            PlotKey(sign=sign_dot(HARM, **ring), words=main_label or catalogue.text("figures.multiverse.main"))
        )
    return plot_picture(
        panel,
        *marks,
        title=title or catalogue.text("figures.multiverse.title", n=count),
        desc=_desc(values, lower, upper, order, planned, main_label, scale, catalogue),
        legend=legend,
        notes=[] if count == m else [catalogue.text("figures.multiverse.left_out", n=m - count)],
        tail=_ABOVE + rows - 8.0,
    )


def _no_ticks(_most: int) -> tuple[tuple[float, str], ...]:
    return ()


def _in_order(chosen: Sequence[str]) -> list[str]:
    """Options as they first occur."""
    return list(dict.fromkeys(str(option) for option in chosen))


def _intervals(panel: Panel, spans: Sequence[tuple[float, float, float]], step: float) -> Svg:
    """One path for all intervals; thinner where there are many, with an arrow where one leaves the axis."""
    known = [(x, a, b) for x, a, b in spans if not (math.isnan(a) or math.isnan(b))]
    drawn = "".join(f"M{coordinate(x)} {coordinate(panel.y.at(a))}V{coordinate(panel.y.at(b))}" for x, a, b in known)
    half = min(3.0, 0.4 * step)
    for x, a, b in known:
        for end, leaves, back in ((a, a < panel.y.low, -_ARROW), (b, b > panel.y.high, _ARROW)):
            if leaves:
                tip, sides = coordinate(panel.y.at(end)), coordinate(panel.y.at(end) + back)
                drawn += f"M{coordinate(x - half)} {sides}L{coordinate(x)} {tip}L{coordinate(x + half)} {sides}"
    path = element("path", d=drawn, fill="none", stroke="currentColor", stroke_width=max(0.4, min(1.4, 0.6 * step)))
    return group(path if drawn else "", id=f"{panel.key}-intervals", **ANYWAY.attributes)


def _dots(panel: Panel, points: Sequence[tuple[float, float]], step: float) -> Svg:
    r = max(1.0, min(4.0, 0.5 * step))
    drawn = discs(((x, panel.y.at(y)) for x, y in points), [r] * len(points))
    return group(
        element("path", d=drawn, fill="currentColor") if drawn else "",
        id=f"{panel.key}-estimates",
        **BENEFIT.attributes,
    )


def _matrix(
    panel: Panel,
    choices: Mapping[str, Sequence[str]],
    options: Mapping[str, Sequence[str]],
    places: Mapping[int, float],
    step: float,
) -> Svg:
    """A row an option, a mark where an analysis chose it."""
    start, anchor = (panel.width - 12.0, "end") if panel.rtl else (12.0, "start")
    room = (panel.width - panel.right if panel.rtl else panel.left) - 20.0
    half = max(0.4, min(3.5, 0.4 * step))
    parts: list[Svg] = []
    y = panel.bottom + _ABOVE
    for name, rows in options.items():
        y += _TITLE
        heading = wrapped(name, SIZE * 1.06, room, 1)[0] if name else ""
        parts.append(
            label(isolated(heading), start, y - 5, panel.catalogue, anchor=anchor, font_size=SIZE, font_weight="700")
        )
        for option in rows:
            middle = y + _ROW / 2
            chosen = [places[at] for at, value in enumerate(choices[name]) if str(value) == option and at in places]
            drawn = "".join(
                f"M{coordinate(x - half)} {coordinate(middle - 5)}h{coordinate(2 * half)}v10h{coordinate(-2 * half)}z"
                for x in chosen
            )
            shown = wrapped(option, SMALL, room, 1)[0] if option else ""
            parts += [
                group(line(panel.left, middle, panel.right, middle, stroke_width=1), **GRID.attributes),
                label(isolated(shown), start, middle + 4, panel.catalogue, anchor=anchor, font_size=SMALL),
                group(element("path", d=drawn, fill="currentColor") if drawn else "", **ANYWAY.attributes),
            ]
            y += _ROW
    return group(*parts, id=f"{panel.key}-choices")


def _desc(
    values: Any,
    lower: Any,
    upper: Any,
    order: Any,
    planned: int | None,
    main_label: str | None,
    scale: Any,
    catalogue: Catalogue,
) -> str:
    if not len(order):
        return catalogue.text("figures.nothing")

    def number(value: float) -> str:
        return str(scale.number(scale.display(float(value)), catalogue))

    middle = float(np.median(values[order]))
    said = [
        catalogue.text(
            "figures.multiverse.desc",
            n=len(order),
            low=number(values[order[0]]),
            high=number(values[order[-1]]),
            middle=number(middle),
        )
    ]
    if scale.null is not None:
        apart = int(((lower[order] > 0) | (upper[order] < 0)).sum())
        said.append(catalogue.text("figures.multiverse.apart", n=apart))
    if planned is not None:
        span = scale.span(values[planned], lower[planned], upper[planned])
        numbers = Raw(scale.words(span, catalogue))
        if main_label is None:
            said.append(catalogue.text("figures.multiverse.planned", numbers=numbers))
        else:
            said.append(catalogue.text("figures.forest.row", name=main_label, numbers=numbers))
    return " ".join(said)
