"""Normal quantile plot: standardised residuals against what normal ones would be.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.counts import three_figures
from evenhand.figures.palette import ANYWAY, BENEFIT, SECONDARY
from evenhand.figures.plot_arrays import column, names_of
from evenhand.figures.plot_panel import (
    HEIGHT,
    PlotAxis,
    PlotKey,
    band,
    curve,
    dot,
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


def qq_plot(
    residuals: Any,
    *,
    level: float | None = 0.95,
    labels: Sequence[str] | None = None,
    most_labels: int = 3,
    title: str | None = None,
    language: str = "en",
    key: str = "qq",
    width: float = 560.0,
    height: float = HEIGHT,
) -> Svg:
    """Ordered residuals against normal quantiles, with the line of equality.

    Parameters
    ----------
    residuals : array_like, shape (k,)
        Standardised, one a study.
    level : float or None
        Of the band: each ordered residual of independent normal ones lies in it with this probability. None for none.
    most_labels : int
        Names of at most so many studies, those furthest from the line first.
    labels, title, key
        As in `funnel_plot`.

    References
    ----------
    Wang & Bushman (1998). Psychol. Methods 3, 46-54. The i-th of k ordered uniform values has a Beta(i, k + 1 − i)
    distribution, whose quantiles give the band.
    """
    catalogue = Catalogue.load(language)
    values = column("residuals", residuals)
    names = names_of(labels, values.size)
    usable = np.flatnonzero(np.isfinite(values))
    usable = usable[np.argsort(values[usable], kind="stable")]
    k = int(usable.size)
    expected = normal_places(k)
    observed = values[usable]
    limits = None if level is None or k == 0 else _limits(k, level)
    ends = [*expected, *observed, *([] if limits is None else [*limits[0], *limits[1]])]
    low, high = padded(ends or [-1.0, 1.0])
    left, right = padded(expected.tolist() or [-1.0, 1.0], share=0.06)
    panel = plot_panel(
        PlotAxis(low=left, high=right, name=catalogue.text("figures.qq.expected")),
        PlotAxis(low=low, high=high, name=catalogue.text("figures.qq.observed")),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
    )
    places = [(*panel.at(a, b), 4.0) for a, b in zip(expected.tolist(), observed.tolist(), strict=True)]
    points = [dot(*place, names[i], fill="currentColor") for place, i in zip(places, usable, strict=True)]
    off = sorted(range(k), key=lambda at: -abs(observed[at] - expected[at]))
    marks: list[str] = []
    legend = [
        PlotKey(sign=sign_dot(ANYWAY), words=catalogue.text("figures.plot.study")),
        PlotKey(sign=sign_line(BENEFIT, stroke_width=1.8), words=catalogue.text("figures.qq.line")),
    ]
    desc = [catalogue.text("figures.plot.studies", n=k)]
    if limits is not None and level is not None:
        edges = [list(zip(expected.tolist(), side.tolist(), strict=True)) for side in limits]
        marks.append(
            group(
                band(panel, edges[0], edges[1], fill_opacity=0.14) if k > 1 else "",
                id=f"{key}-band",
                **BENEFIT.attributes,
            )
        )
        legend.append(
            PlotKey(
                sign=sign_box(BENEFIT, fill="currentColor", fill_opacity=0.14),
                words=catalogue.text("figures.qq.band", percent=three_figures(100 * level)),
            )
        )
        outside = int(((observed < limits[0]) | (observed > limits[1])).sum())
        desc.append(catalogue.text("figures.qq.outside", n=outside))
    return plot_picture(
        panel,
        *marks,
        group(curve(panel, [(left, left), (right, right)], stroke_width=1.8), **BENEFIT.attributes),
        group(curve(panel, [(left, 0.0), (right, 0.0)], stroke_width=1), **SECONDARY.attributes),
        group(*points, id=f"{key}-points", **ANYWAY.attributes),
        *point_labels(
            panel,
            places,
            [names[i] for i in usable],
            off[:most_labels] if labels is not None else [],
            lines=[[(left, left), (right, right)]],
        ),
        title=title or catalogue.text("figures.qq.title"),
        desc=" ".join(desc),
        legend=legend,
        notes=[] if k == values.size else [catalogue.text("figures.plot.left_out", n=int(values.size - k))],
    )


def normal_places(k: int) -> Floats:
    """Normal quantiles at (i − a) / (k + 1 − 2a), as R's `ppoints`: a = 3/8 up to ten values and 1/2 beyond."""
    a = 0.375 if k <= 10 else 0.5
    normal = NormalDist()
    return np.array([normal.inv_cdf((i - a) / (k + 1 - 2 * a)) for i in range(1, k + 1)])


def _limits(k: int, level: float) -> tuple[Floats, Floats]:
    if not 0 < level < 1:
        raise ValueError(f"level is {level:g}. Mend: give a number between 0 and 1, such as 0.95.")
    from scipy.special import betaincinv, ndtri

    rank = np.arange(1, k + 1)
    lower, upper = (ndtri(betaincinv(rank, k + 1 - rank, p)) for p in ((1 - level) / 2, (1 + level) / 2))
    return np.asarray(lower), np.asarray(upper)
