"""Drapery plot: for every possible effect, the p-value that each study and their pooled effect give it.

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
from evenhand.figures.palette import ANYWAY, BENEFIT, LINES, SECONDARY
from evenhand.figures.plot_arrays import column, names_of, standard_errors
from evenhand.figures.plot_panel import (
    HEIGHT,
    WIDTH,
    Panel,
    PlotAxis,
    PlotKey,
    curve,
    level_line,
    plot_panel,
    plot_picture,
    sign_line,
    upright,
)
from evenhand.figures.svg import Svg, element, group
from evenhand.words.catalogue import Catalogue

_STEPS = 61
_MANY = 30
_REACH = 3.6  # standard errors at which a curve has come down to p < 0.001


def drapery_plot(
    yi: Any,
    sei: Any = None,
    *,
    vi: Any = None,
    estimate: float | None = None,
    se: float | None = None,
    df: float | None = None,
    prediction_se: float | None = None,
    prediction_df: float | None = None,
    levels: Sequence[float] = (0.1, 0.05, 0.01),
    labels: Sequence[str] | None = None,
    measure: str | None = None,
    effect_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "drapery",
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Svg:
    """P-value functions of studies, of the pooled effect, and of the effect in a new study.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effects on the analysis scale.
    sei, vi : array_like, shape (k,)
        Standard errors, or variances: one of them.
    estimate, se : float or None
        Pooled effect and its standard error; both or none.
    df : float or None
        Degrees of freedom of its test; None for the normal distribution.
    prediction_se, prediction_df : float or None
        Of the prediction round the pooled effect.
    levels : sequence of float
        P-values marked by level lines; where a curve crosses one are the ends of its interval at 1 − p.
    measure, effect_label, title, key
        As in `funnel_plot`.

    References
    ----------
    Rücker & Schwarzer (2021). Res. Synth. Methods 12, 8-19.
    """
    catalogue = Catalogue.load(language)
    effects = column("yi", yi)
    k = effects.size
    errors = standard_errors(sei, vi, k)
    names = names_of(labels, k)
    if (estimate is None) != (se is None):
        raise ValueError("give estimate and se together, or neither.")
    scale = effect_scale(measure, effect_label, catalogue)
    usable = np.flatnonzero(np.isfinite(effects) & np.isfinite(errors) & (errors > 0))
    pooled = None if estimate is None or se is None or not math.isfinite(estimate) or not se > 0 else (estimate, se)
    core = [*effects[usable], *([] if pooled is None else [pooled[0]])]
    limits = finite([*(effects[usable] - 2 * errors[usable]), *(effects[usable] + 2 * errors[usable])])
    low, high = readable_ends(core, limits, log=False)
    panel = plot_panel(
        analysis_axis(scale, low, high, catalogue),
        PlotAxis(low=0.0, high=1.02, name=catalogue.text("figures.drapery.axis")),
        key=key,
        catalogue=catalogue,
        width=width,
        height=height,
    )
    precise = 1 / errors[usable] ** 2 if usable.size else np.empty(0)
    faint = min(1.0, max(0.35, _MANY / max(1, usable.size)))
    curves = [
        element(
            "g",
            element("title", names[i]),
            _p_curve(panel, effects[i], errors[i], None, stroke_width=1.1, stroke_opacity=float(opacity)),
        )
        # The more a study weighs, the darker its curve; all are fainter where there are many.
        for i, opacity in zip(usable, faint * (0.3 + 0.6 * precise / precise.max()) if usable.size else [], strict=True)
    ]
    null = scale.null is not None
    marks = [
        group(*(level_line(panel, p, stroke_width=1, stroke_dasharray="2 3") for p in levels), **SECONDARY.attributes),
        group(upright(panel, 0.0, stroke_width=1.2), **SECONDARY.attributes) if null else "",
        group(*curves, id=f"{key}-studies", **ANYWAY.attributes),
    ]
    legend = [PlotKey(sign=sign_line(ANYWAY, stroke_width=1.1), words=catalogue.text("figures.plot.study"))]
    if pooled is not None:
        marks.append(group(_p_curve(panel, *pooled, df, stroke_width=3), id=f"{key}-pooled", **BENEFIT.attributes))
        legend.append(PlotKey(sign=sign_line(BENEFIT, stroke_width=3), words=catalogue.text("figures.plot.pooled")))
        if prediction_se is not None and prediction_se > 0:
            drawn = _p_curve(panel, pooled[0], prediction_se, prediction_df, stroke_width=2, stroke_dasharray="8 4")
            marks.append(group(drawn, id=f"{key}-prediction", **LINES[0].attributes))
            legend.append(
                PlotKey(
                    sign=sign_line(LINES[0], stroke_width=2, stroke_dasharray="8 4"),
                    words=catalogue.text("figures.plot.prediction"),
                )
            )
    if levels:
        shares = [catalogue.text("figures.forest.percent", number=three_figures(100 * (1 - p))) for p in levels]
        legend.append(
            PlotKey(
                sign=sign_line(SECONDARY, stroke_width=1, stroke_dasharray="2 3"),
                words=catalogue.text("figures.drapery.levels", levels=shares),
            )
        )
    desc = [catalogue.text("figures.plot.studies", n=int(usable.size))]
    if pooled is not None:
        at_null = float(p_values(np.array([0.0]), *pooled, df)[0])
        desc.append(
            catalogue.text(
                "figures.drapery.desc",
                number=scale.number(scale.display(pooled[0]), catalogue),
                p=three_figures(at_null),
            )
        )
    left_out = k - int(usable.size)
    return plot_picture(
        panel,
        *marks,
        title=title or catalogue.text("figures.drapery.title", n=int(usable.size)),
        desc=" ".join(desc),
        legend=legend,
        notes=[catalogue.text("figures.plot.left_out", n=left_out)] if left_out else [],
    )


def p_values(theta: Floats, estimate: float, se: float, df: float | None) -> Floats:
    """Two-sided p-value of each effect `theta`: 2 · P(T ≥ |estimate − theta| / se), normal without `df`."""
    t = np.abs(theta - estimate) / se
    if df is None or math.isinf(df):
        return np.array([math.erfc(value / math.sqrt(2)) for value in t])
    from scipy.special import stdtr

    return np.asarray(2 * stdtr(df, -t))


def _p_curve(panel: Panel, estimate: float, se: float, df: float | None, **attributes: str | float | None) -> Svg:
    """Dense where the curve bends: at even steps of the standard error, and from edge to edge of the area."""
    reach = np.linspace(-_REACH, _REACH, _STEPS) * se + estimate
    theta = np.unique([panel.x.low, panel.x.high, estimate, *reach[(reach > panel.x.low) & (reach < panel.x.high)]])
    if df is not None:
        theta = np.unique([*theta, *np.linspace(panel.x.low, panel.x.high, _STEPS)])
    p = p_values(theta, estimate, se, df)
    return curve(panel, list(zip(theta.tolist(), p.tolist(), strict=True)), stroke_linejoin="round", **attributes)
