"""Baujat plot: which studies make the results differ, and which of them move the pooled effect.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.figures.palette import ANYWAY
from evenhand.figures.plot_arrays import column, names_of, own_words
from evenhand.figures.plot_panel import HEIGHT, WIDTH, PlotAxis, dot, plot_panel, plot_picture
from evenhand.figures.point_labels import point_labels
from evenhand.figures.svg import Svg, group
from evenhand.figures.ticks import nice_end
from evenhand.words.catalogue import Catalogue


def baujat_plot(
    contribution: Any,
    influence: Any,
    *,
    labels: Sequence[str] | None = None,
    most_labels: int = 12,
    x_label: str | None = None,
    y_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "baujat",
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Svg:
    """Each study's share of the heterogeneity against what leaving it out does to the pooled effect.

    Parameters
    ----------
    contribution : array_like, shape (k,)
        To Cochran's Q: the squared standardised distance of the study from the pooled effect.
    influence : array_like, shape (k,)
        Squared difference of the pooled effect with and without the study, divided by its variance without it.
    most_labels : int
        Names of at most so many studies, those furthest from the origin first.
    labels, title, key
        As in `funnel_plot`.

    References
    ----------
    Baujat et al. (2002). Statist. Med. 21, 2641-2652.
    """
    catalogue = Catalogue.load(language)
    x = column("contribution", contribution, least=0.0)
    k = x.size
    y = column("influence", influence, k, least=0.0)
    names = names_of(labels, k)
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    right, top = (nice_end(float(values[usable].max())) if usable.size else 1.0 for values in (x, y))
    panel = plot_panel(
        PlotAxis(
            low=-0.02 * right, high=1.04 * right, name=own_words(x_label, catalogue.text("figures.baujat.contribution"))
        ),
        PlotAxis(low=-0.03 * top, high=1.04 * top, name=own_words(y_label, catalogue.text("figures.baujat.influence"))),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
    )
    places = [(*panel.at(x[i], y[i]), 4.5) for i in usable]
    order = sorted(range(usable.size), key=lambda at: -np.hypot(x[usable[at]] / right, y[usable[at]] / top))
    points = [
        dot(a, b, r, names[i], fill="currentColor", fill_opacity=0.6, stroke="currentColor", stroke_width=1)
        for (a, b, r), i in zip(places, usable, strict=True)
    ]
    desc = [catalogue.text("figures.plot.studies", n=int(usable.size))]
    if usable.size:
        desc.append(
            catalogue.text(
                "figures.baujat.desc",
                first=names[int(usable[int(np.argmax(x[usable]))])],
                second=names[int(usable[int(np.argmax(y[usable]))])],
            )
        )
    return plot_picture(
        panel,
        group(*points, id=f"{key}-points", **ANYWAY.attributes),
        *point_labels(panel, places, [names[i] for i in usable], order[:most_labels]),
        title=title or catalogue.text("figures.baujat.title", n=int(usable.size)),
        desc=" ".join(desc),
        notes=[] if usable.size == k else [catalogue.text("figures.plot.left_out", n=int(k - usable.size))],
    )
