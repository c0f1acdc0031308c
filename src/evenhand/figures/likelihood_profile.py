"""Profile likelihood of the between-study variance, with the interval it gives.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from statistics import NormalDist
from typing import Any

import numpy as np

from evenhand.figures.counts import common_digits, three_figures
from evenhand.figures.palette import ANYWAY, BENEFIT, SECONDARY
from evenhand.figures.plot_arrays import column, own_words
from evenhand.figures.plot_panel import (
    HEIGHT,
    WIDTH,
    PlotAxis,
    PlotKey,
    curve,
    dot,
    level_line,
    padded,
    plot_panel,
    plot_picture,
    sign_dot,
    sign_line,
    upright,
)
from evenhand.figures.svg import Svg, group
from evenhand.words.catalogue import Catalogue, Raw


def profile_plot(
    tau2: Any,
    log_likelihood: Any,
    *,
    estimate: float | None = None,
    ci_lower: float | None = None,
    ci_upper: float | None = None,
    level: float = 0.95,
    x_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "profile",
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Svg:
    """Log-likelihood over a parameter, with the height at which its interval is cut.

    Parameters
    ----------
    tau2 : array_like, shape (g,)
        Values of the parameter, in any order; with `x_label` of another one than tau2.
    log_likelihood : array_like, shape (g,)
        Profile (or restricted) log-likelihood at each; −∞ and nan are passed over.
    estimate : float or None
        Where its maximum was found; marked on the curve.
    ci_lower, ci_upper : float or None
        Limits of the interval, drawn as upright lines; an infinite one is not.
    level : float
        The cut stands half the chi-squared quantile with one degree of freedom below the maximum.

    References
    ----------
    Hardy & Thompson (1996). Statist. Med. 15, 619-629.
    """
    catalogue = Catalogue.load(language)
    x = column("tau2", tau2)
    y = column("log_likelihood", log_likelihood, x.size)
    if not 0 < level < 1:
        raise ValueError(f"level is {level:g}. Mend: give a number between 0 and 1, such as 0.95.")
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    usable = usable[np.argsort(x[usable], kind="stable")]
    if not usable.size:
        raise ValueError(
            "no value of the log-likelihood is finite. Mend: give a grid on which the model can be fitted."
        )
    x, y = x[usable], y[usable]
    highest = float(y.max())
    cut = highest - NormalDist().inv_cdf(0.5 + level / 2) ** 2 / 2
    marks = [value for value in (estimate, ci_lower, ci_upper) if value is not None and math.isfinite(value)]
    left, right = padded([*x, *marks], share=0.03)
    # Far below the cut a likelihood says nothing more, and would flatten the part that does.
    low, high = padded([max(float(y.min()), highest - 4 * (highest - cut)), highest, cut], share=0.06)
    panel = plot_panel(
        PlotAxis(low=left, high=right, name=own_words(x_label, catalogue.text("figures.profile.tau2"))),
        PlotAxis(low=low, high=high, name=catalogue.text("figures.profile.log_likelihood")),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
    )
    percent = three_figures(100 * level)
    ends = [value for value in (ci_lower, ci_upper) if value is not None and math.isfinite(value)]
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    drawn = [
        group(
            level_line(panel, cut, stroke_width=1.2, stroke_dasharray="6 3"), id=f"{key}-cut", **SECONDARY.attributes
        ),
        group(
            *(upright(panel, end, stroke_width=1.2, stroke_dasharray="2 3") for end in ends),
            id=f"{key}-limits",
            **SECONDARY.attributes,
        ),
        group(curve(panel, points, stroke_width=2.2, stroke_linejoin="round"), id=f"{key}-line", **BENEFIT.attributes),
    ]
    legend = [
        PlotKey(
            sign=sign_line(SECONDARY, stroke_width=1.2, stroke_dasharray="6 3"),
            words=catalogue.text("figures.profile.cut", percent=percent),
        )
    ]
    desc = []
    if ends:
        legend.append(
            PlotKey(
                sign=sign_line(SECONDARY, stroke_width=1.2, stroke_dasharray="2 3"),
                words=catalogue.text("figures.profile.limits", percent=percent),
            )
        )
    if estimate is not None and math.isfinite(estimate):
        at = float(np.interp(estimate, x, y))
        drawn.append(
            group(dot(*panel.at(estimate, at), 5.0, fill="currentColor"), id=f"{key}-points", **ANYWAY.attributes)
        )
        legend.insert(0, PlotKey(sign=sign_dot(ANYWAY), words=catalogue.text("figures.profile.estimate")))
        digits = common_digits(estimate, *ends)
        desc.append(catalogue.text("figures.profile.desc", number=catalogue.number(estimate, digits)))
        if ci_lower is not None and ci_upper is not None:
            limits = (catalogue.number(limit, digits) for limit in (ci_lower, ci_upper))
            desc.append(
                catalogue.text(
                    "figures.profile.desc_interval", percent=percent, interval=Raw(catalogue.interval(*limits))
                )
            )
    return plot_picture(
        panel,
        *drawn,
        title=title or catalogue.text("figures.profile.title"),
        desc=" ".join(desc or [catalogue.text("figures.profile.desc_none")]),
        legend=legend,
    )
