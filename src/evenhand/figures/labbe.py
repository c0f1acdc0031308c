"""L'Abbé plot: the risk in the treated arm against the risk in the control arm, one circle a study.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evenhand.figures.effect_scale import effect_scale
from evenhand.figures.palette import ANYWAY, BENEFIT, SECONDARY
from evenhand.figures.plot_arrays import column, names_of, own_words
from evenhand.figures.plot_panel import (
    PlotAxis,
    PlotKey,
    Points,
    curve,
    dot,
    plot_panel,
    plot_picture,
    sign_dot,
    sign_line,
)
from evenhand.figures.point_labels import point_labels
from evenhand.figures.svg import Svg, group
from evenhand.figures.ticks import nice_end
from evenhand.words.catalogue import Catalogue

_LARGEST, _SMALLEST = 15.0, 2.5
_STEPS = 80
# Risk in the treated arm at a risk in the control arm, given the effect on the analysis scale.
_LINES: dict[str, Callable[[float, float], float]] = {
    "RR": lambda risk, effect: risk * math.exp(effect),
    "OR": lambda risk, effect: risk * math.exp(effect) / (1 - risk + risk * math.exp(effect)),
    "RD": lambda risk, effect: risk + effect,
}


def labbe_plot(
    events_t: Any,
    n_t: Any,
    events_c: Any,
    n_c: Any,
    *,
    estimate: float | None = None,
    measure: str = "OR",
    weights: Any = None,
    labels: Sequence[str] | None = None,
    show_labels: bool = False,
    x_label: str | None = None,
    y_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "labbe",
    width: float = 560.0,
    height: float = 520.0,
) -> Svg:
    """Risks of both arms, with the line on which all studies would lie that have the pooled effect.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : array_like, shape (k,)
        Participants with the event, and all; treated and control. Zero cells need no correction here.
    estimate : float or None
        Pooled effect on the analysis scale of `measure`.
    measure : {'OR', 'RR', 'RD'}
        Decides the line's shape: a curve, a line through the origin, a parallel of the diagonal.
    weights : array_like, shape (k,), or None
        Areas of the circles; None takes the numbers of participants.
    labels, show_labels, title, key
        As in `funnel_plot`.

    References
    ----------
    L'Abbé, Detsky & O'Rourke (1987). Ann. Intern. Med. 107, 224-233.
    """
    catalogue = Catalogue.load(language)
    treated, total_t = column("events_t", events_t, least=0.0), column("n_t", n_t, least=0.0)
    k = treated.size
    control, total_c = column("events_c", events_c, k, least=0.0), column("n_c", n_c, k, least=0.0)
    total_t = column("n_t", total_t, k)
    for name, events, total in (("events_t", treated, total_t), ("events_c", control, total_c)):
        if (above := np.flatnonzero(events > total)).size:
            at = int(above[0])
            raise ValueError(
                f"{name} of study {at + 1} (index {at}) is {events[at]:g}, above its {total[at]:g} participants. "
                "Mend: check that study's row."
            )
    if measure not in _LINES:
        raise ValueError(f"no line for '{measure}'. Mend: give one of {', '.join(_LINES)}.")
    names = names_of(labels, k)
    with np.errstate(invalid="ignore", divide="ignore"):
        risk_t, risk_c = treated / total_t, control / total_c
    area = total_t + total_c if weights is None else column("weights", weights, k, least=0.0)
    usable = np.flatnonzero(np.isfinite(risk_t) & np.isfinite(risk_c) & np.isfinite(area))
    highest = max([0.0, *risk_t[usable], *risk_c[usable]])
    end = min(1.0, nice_end(highest)) if highest > 0 else 1.0
    # A circle round a risk of zero is whole.
    edge = -0.04 * end
    panel = plot_panel(
        PlotAxis(low=edge, high=1.04 * end, name=own_words(x_label, catalogue.text("figures.labbe.control"))),
        PlotAxis(low=edge, high=1.04 * end, name=own_words(y_label, catalogue.text("figures.labbe.treated"))),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
    )
    biggest = float(area[usable].max()) if usable.size and area[usable].max() > 0 else 1.0
    places = [
        (*panel.at(risk_c[i], risk_t[i]), max(_SMALLEST, _LARGEST * math.sqrt(area[i] / biggest))) for i in usable
    ]
    circles = [
        dot(x, y, r, names[i], fill="currentColor", fill_opacity=0.35, stroke="currentColor", stroke_width=1.2)
        for (x, y, r), i in sorted(zip(places, usable, strict=True), key=lambda pair: -pair[0][2])
    ]
    marks = [
        group(
            curve(panel, [(0.0, 0.0), (1.04 * end, 1.04 * end)], stroke_width=1.2),
            id=f"{key}-diagonal",
            **SECONDARY.attributes,
        ),
        group(*circles, id=f"{key}-points", **ANYWAY.attributes),
    ]
    lines: list[Points] = [[(0.0, 0.0), (1.04 * end, 1.04 * end)]]
    legend = [
        PlotKey(
            sign=sign_dot(ANYWAY, fill="currentColor", fill_opacity=0.35, stroke="currentColor"),
            words=catalogue.text(f"figures.labbe.{'size' if weights is None else 'weight'}"),
        ),
        PlotKey(sign=sign_line(SECONDARY, stroke_width=1.2), words=catalogue.text("figures.labbe.same")),
    ]
    below = int((risk_t[usable] < risk_c[usable]).sum())
    desc = [
        catalogue.text("figures.plot.studies", n=int(usable.size)),
        catalogue.text("figures.labbe.desc", below=below, above=int((risk_t[usable] > risk_c[usable]).sum())),
    ]
    if estimate is not None and math.isfinite(estimate):
        risks = np.linspace(0.0, min(1.0, 1.04 * end), _STEPS if measure == "OR" else 2)
        points = [(float(risk), _LINES[measure](float(risk), estimate)) for risk in risks]
        lines.append(points)
        marks.append(
            group(
                curve(panel, points, stroke_width=2.2, stroke_dasharray="8 4"), id=f"{key}-line", **BENEFIT.attributes
            )
        )
        scale = effect_scale(measure, None, catalogue)
        pooled = catalogue.text(
            "figures.labbe.pooled", measure=scale.name, number=scale.number(scale.display(estimate), catalogue)
        )
        legend.append(PlotKey(sign=sign_line(BENEFIT, stroke_width=2.2, stroke_dasharray="8 4"), words=pooled))
        desc.append(f"{pooled}.")
    far = sorted(range(usable.size), key=lambda at: -abs(risk_t[usable[at]] - risk_c[usable[at]]))
    return plot_picture(
        panel,
        *marks,
        *point_labels(panel, places, [names[i] for i in usable], far if show_labels else [], lines=lines),
        title=title or catalogue.text("figures.labbe.title", n=int(usable.size)),
        desc=" ".join(desc),
        legend=legend,
        notes=[] if usable.size == k else [catalogue.text("figures.plot.left_out", n=int(k - usable.size))],
    )
