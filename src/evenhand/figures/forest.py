"""Forest plot from plain arrays: studies, pooled effects of several models, subgroups, risk of bias.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

An assessed effect has `forest_svg` and, on a page, `forest_rows`; all share their marks and layout.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeGuard

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.counts import three_figures
from evenhand.figures.effect_scale import EffectScale, effect_scale
from evenhand.figures.forest_layout import Column, ForestAxis, Row, Threshold, forest_picture
from evenhand.figures.forest_marks import diamond, prediction_bar, study_mark
from evenhand.figures.forest_values import Span, readable_ends
from evenhand.figures.palette import ANYWAY, BENEFIT
from evenhand.figures.plot_arrays import column, names_of, own_words
from evenhand.figures.risk_mark import judgement_shape
from evenhand.figures.risk_tools import judged, risk_tool
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, isolated
from evenhand.words.catalogue import Catalogue, Raw

_Z = 1.959963984540054  # 97.5 % point of the normal distribution
_LARGEST_WEIGHT = 40.0  # percent at which `study_mark` has its full size
_ESTIMATE, _COUNT, _TEXT = 230.0, 170.0, 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestSummary:
    """One pooled row: the estimate of a model with its interval, on the analysis scale."""

    name: str  # 'Random effects (REML)'
    estimate: float
    ci_lower: float
    ci_upper: float
    prediction: bool = False  # an interval for a new study: a bar instead of a diamond


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """How much studies differ; what is None is not written."""

    tau2: float | None = None
    i2: float | None = None  # percent
    q: float | None = None
    df: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestColumn:
    """A column of the caller's own: one text a study."""

    heading: str
    cells: Sequence[str]
    over: str = ""  # a heading above, shared with neighbours that have the same
    numbers: bool = True  # stands where reading ends, so that digits line up


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestGroup:
    """A subgroup: its studies, its own pooled rows and its heterogeneity."""

    name: str
    studies: Sequence[int]  # indices
    summaries: Sequence[ForestSummary] = ()
    heterogeneity: Heterogeneity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestBias:
    """Risk of bias beside each study: a mark a domain, in the order of the tool."""

    judgements: Sequence[Sequence[str | None]]  # one row a study
    tool: str = "RoB 2"
    overall: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One row on its way to the picture: a study, a pooled row, or words."""

    row: Row
    name: str = ""
    numbers: str = ""
    study: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """What every row needs."""

    scale: EffectScale
    catalogue: Catalogue
    names: tuple[str, ...]
    spans: tuple[Span | None, ...]
    weights: Floats | None
    lines: list[_Line] = field(default_factory=list)


def forest_plot(
    yi: Any,
    sei: Any = None,
    *,
    vi: Any = None,
    ci_lower: Any = None,
    ci_upper: Any = None,
    labels: Sequence[str] | None = None,
    weights: Any = None,
    summaries: Sequence[ForestSummary] = (),
    heterogeneity: Heterogeneity | None = None,
    groups: Sequence[ForestGroup] = (),
    group_test: Heterogeneity | None = None,
    left: Sequence[ForestColumn] = (),
    right: Sequence[ForestColumn] = (),
    risk_of_bias: ForestBias | None = None,
    low_side: str = "",
    high_side: str = "",
    thresholds: Sequence[tuple[float, str]] = (),
    limits: tuple[float, float] | None = None,
    measure: str | None = None,
    effect_label: str | None = None,
    name_label: str | None = None,
    level: float = 0.95,
    title: str | None = None,
    language: str = "en",
    key: str = "forest",
    width: float | None = None,
) -> Svg:
    """Studies with their intervals, one under the other, and what they come to together.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effects on the analysis scale; nan for a study without an estimate, which keeps its row.
    sei, vi : array_like, shape (k,), or None
        Standard errors, or variances, for intervals of yi ± 1.96 standard errors.
    ci_lower, ci_upper : array_like, shape (k,), or None
        Intervals as they are, instead; on the analysis scale. An infinite end is an arrow.
    labels : sequence of str or None
        Names of the studies; their numbers where there are none.
    weights : array_like, shape (k,), or None
        Percent, or any other amounts: the squares' areas, and a column of percentages. Without them all are alike.
    summaries : sequence of ForestSummary
        Pooled rows of all studies, in order: the first is filled, the others open; its estimate is carried up.
    heterogeneity : Heterogeneity or None
        Of all studies, a line below them.
    groups : sequence of ForestGroup
        Subgroups with their own rows; a study in none comes first. `group_test` is the test between them.
    left, right : sequence of ForestColumn
        Columns of the caller's own, on both sides of the axis.
    risk_of_bias : ForestBias or None
    low_side, high_side : str
        Whom the ends of the axis favour: 'favours vaccine'.
    thresholds : sequence of (float, str)
        Values on the analysis scale with their names, as dashed lines.
    limits : (float, float) or None
        Ends of the axis on the analysis scale; intervals beyond end in arrows. None chooses them.
    measure, effect_label
        As in `effect_scale.effect_scale`.
    name_label : str or None
        Heading of the names, where rows are not studies.
    level : float
        Of the intervals as given, for their heading; those of standard errors are of 0.95.
    title : str or None
        Instead of our own.
    key : str
        Prefix of every id of the picture.
    width : float or None
        Of the picture; the axis takes what the columns leave, at least 160. None gives it 300.

    Raises
    ------
    ValueError
        For arrays of unequal lengths, negative standard errors or weights, unknown measures and judgements, a study in
        two groups.

    References
    ----------
    Lewis & Clarke (2001). BMJ 322, 1479-1480.
    """
    catalogue = Catalogue.load(language)
    effects = column("yi", yi)
    k = effects.size
    names = names_of(labels, k)
    lower, upper = interval_ends(effects, sei, vi, ci_lower, ci_upper)
    scale = effect_scale(measure, effect_label, catalogue)
    spans = tuple(scale.span(*(float(v) for v in ends)) for ends in zip(effects, lower, upper, strict=True))
    shares = _percent(weights, k)
    plot = _Plot(scale=scale, catalogue=catalogue, names=names, spans=spans, weights=shares)
    _check_groups(groups, k)
    grouped = {study for one in groups for study in one.studies}
    _add_studies(plot, [study for study in range(k) if study not in grouped])
    for one in groups:
        plot.lines.append(_Line(row=Row(across=isolated(one.name), bold=True)))
        _add_studies(plot, one.studies)
        _add_summaries(plot, one.summaries, first=False)
        _add_note(plot, one.heterogeneity)
    _add_summaries(plot, summaries, first=True)
    _add_note(plot, heterogeneity)
    if group_test is not None:
        words = catalogue.text("figures.forest_stats.between", test=Raw(heterogeneity_words(group_test, catalogue)))
        plot.lines.append(_Line(row=Row(across=words)))
    return forest_picture(
        [line.row for line in plot.lines],
        [_name_column(plot, name_label), *(_own_column(one, plot, k) for one in left)],
        [
            _estimates(plot, level),
            *_weight_column(plot),
            *(_own_column(one, plot, k) for one in right),
            *_bias(risk_of_bias, plot),
        ],
        ForestAxis(
            **_axis(plot, summaries, groups, thresholds, limits),
            log=scale.log,
            null=scale.null,
            pooled=None if not summaries else scale.display(summaries[0].estimate),
            thresholds=tuple(Threshold(value=scale.display(value), name=isolated(name)) for value, name in thresholds),
            sides=(_side(low_side), _side(high_side)) if low_side or high_side else None,
            name=catalogue.text("figures.plot.log_scale", effect=Raw(scale.name)) if scale.log else scale.name,
        ),
        key=key,
        title=title or catalogue.text("figures.plot.forest_title", n=k, effect=Raw(scale.name)),
        desc=_desc(plot, summaries, groups, heterogeneity),
        catalogue=catalogue,
        width=width,
    )


def _side(words: str) -> str:
    return isolated(words) if words else ""


def interval_ends(effects: Floats, sei: Any, vi: Any, ci_lower: Any, ci_upper: Any) -> tuple[Floats, Floats]:
    """Limits as given, or yi ± 1.96 standard errors.

    Raises
    ------
    ValueError
        For neither, for one limit without the other, or limits that do not enclose their estimate.
    """
    k = effects.size
    if (ci_lower is None) != (ci_upper is None):
        raise ValueError("give ci_lower and ci_upper together, or neither.")
    if ci_lower is not None:
        lower, upper = column("ci_lower", ci_lower, k), column("ci_upper", ci_upper, k)
    elif sei is not None or vi is not None:
        if sei is not None and vi is not None:
            raise ValueError("give either sei (standard errors) or vi (variances), and not both.")
        se = column("sei", sei, k, least=0.0) if vi is None else np.sqrt(column("vi", vi, k, least=0.0))
        # An infinite effect has no interval, and no mark.
        with np.errstate(invalid="ignore"):
            lower, upper = effects - _Z * se, effects + _Z * se
    else:
        raise ValueError("give sei, or vi, or ci_lower and ci_upper: without an interval there is nothing to draw.")
    if (wrong := np.flatnonzero((lower > effects) | (upper < effects))).size:
        at = int(wrong[0])
        raise ValueError(
            f"study {at + 1} (index {at}): its interval {lower[at]:g} to {upper[at]:g} does not hold its effect "
            f"{effects[at]:g}. Mend: check that all three are on the analysis scale (the logarithm of a ratio)."
        )
    return lower, upper


def heterogeneity_words(found: Heterogeneity, catalogue: Catalogue) -> str:
    """`τ² = 0.31, I² = 92%, Q = 152 (df 12), p < 0.001`; what is None or no number is left out."""
    parts = []
    if _is_there(found.tau2):
        parts.append(catalogue.text("figures.forest_stats.tau2", number=three_figures(found.tau2)))
    if _is_there(found.i2):
        percent = catalogue.text("figures.forest.percent", number=round(found.i2))
        parts.append(catalogue.text("figures.forest_stats.i2", percent=Raw(percent)))
    if _is_there(found.q):
        q = Raw(catalogue.number(found.q, 2 if abs(found.q) < 100 else 1))
        parts.append(
            catalogue.text("figures.forest_stats.q", q=q)
            if not _is_there(found.df)
            else catalogue.text("figures.forest_stats.q_df", q=q, df=three_figures(found.df))
        )
    if _is_there(found.p_value):
        parts.append(
            catalogue.text("figures.forest_stats.p_small")
            if found.p_value < 0.001
            else catalogue.text("figures.forest_stats.p", p=Raw(catalogue.number(found.p_value, 3)))
        )
    return str(catalogue.messages["list.comma"]).join(parts)


def _is_there(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _percent(weights: Any, k: int) -> Floats | None:
    if weights is None:
        return None
    amounts = column("weights", weights, k, least=0.0)
    if k and not np.isfinite(amounts).any():
        return None
    total = float(np.nansum(amounts))
    if k and not total > 0:
        raise ValueError("all weights are zero. Mend: leave weights out, for squares of one size.")
    return 100 * amounts / total if k else amounts


def _check_groups(groups: Sequence[ForestGroup], k: int) -> None:
    seen: dict[int, str] = {}
    for one in groups:
        for study in one.studies:
            if not 0 <= study < k:
                raise ValueError(f"group '{one.name}' names study {study}; the studies are 0 to {k - 1}.")
            if study in seen:
                raise ValueError(f"study {study + 1} (index {study}) is in '{seen[study]}' and in '{one.name}'.")
            seen[study] = one.name


def _add_studies(plot: _Plot, studies: Sequence[int]) -> None:
    largest = None if plot.weights is None or not plot.weights.size else np.nanmax(plot.weights)
    for study in studies:
        # Areas are proportional to the weights, the heaviest study's square having its full size.
        weight = None
        if plot.weights is not None and largest is not None and math.isfinite(plot.weights[study]):
            weight = _LARGEST_WEIGHT * float(plot.weights[study] / largest)
        plot.lines.append(
            _Line(
                row=Row(mark=partial(study_mark, plot.spans[study], weight)),
                name=isolated(plot.names[study]),
                numbers=plot.scale.words(plot.spans[study], plot.catalogue),
                study=study,
            )
        )


def _add_summaries(plot: _Plot, summaries: Sequence[ForestSummary], *, first: bool) -> None:
    for place, summary in enumerate(summaries):
        span = _span(summary, plot.scale)
        plot.lines.append(
            _Line(
                row=Row(
                    mark=partial(_summary_mark, span, summary.prediction, place == 0),
                    bold=first and place == 0,
                    rule_above=first and place == 0,
                ),
                name=isolated(summary.name),
                numbers=plot.scale.words(span, plot.catalogue, interval_only=summary.prediction),
            )
        )


def _span(summary: ForestSummary, scale: EffectScale) -> Span | None:
    return scale.span(summary.estimate, summary.ci_lower, summary.ci_upper)


def _summary_mark(span: Span | None, prediction: bool, first: bool, scale: Scale, y: float) -> Svg:
    if span is None:
        return Svg("")
    if prediction:
        return prediction_bar(span, scale, y)
    return diamond(span, scale, y, paint=BENEFIT if first else ANYWAY, filled=first)


def _add_note(plot: _Plot, found: Heterogeneity | None) -> None:
    if found is not None:
        words = heterogeneity_words(found, plot.catalogue)
        plot.lines.append(
            _Line(row=Row(across=plot.catalogue.text("figures.forest_stats.heterogeneity", numbers=Raw(words))))
        )


def _name_column(plot: _Plot, name_label: str | None) -> Column:
    return Column(
        heading=own_words(name_label, plot.catalogue.text("figures.forest.heading.study")),
        cells=tuple(line.name for line in plot.lines),
        at_end=False,
        longest=_TEXT,
    )


def _estimates(plot: _Plot, level: float) -> Column:
    percent = Raw(f"{100 * level:g}")
    return Column(
        heading=plot.catalogue.text("figures.forest_stats.effect", measure=Raw(plot.scale.name), percent=percent),
        cells=tuple(line.numbers for line in plot.lines),
        longest=_ESTIMATE,
    )


def _weight_column(plot: _Plot) -> list[Column]:
    weights = plot.weights
    if weights is None:
        return []
    cells = tuple(
        ""
        if line.study is None or not math.isfinite(weights[line.study])
        else plot.catalogue.text(
            "figures.forest.percent", number=Raw(plot.catalogue.number(float(weights[line.study]), 1))
        )
        for line in plot.lines
    )
    return [Column(heading=plot.catalogue.text("figures.forest.heading.weight"), cells=cells, longest=_COUNT)]


def _own_column(own: ForestColumn, plot: _Plot, k: int) -> Column:
    if len(own.cells) != k:
        raise ValueError(f"column '{own.heading}' has {len(own.cells)} cells for {k} studies. Mend: give one a study.")
    cells = tuple("" if line.study is None else isolated(str(own.cells[line.study])) for line in plot.lines)
    return Column(
        heading=isolated(own.heading),
        cells=cells,
        at_end=own.numbers,
        longest=_COUNT,
        over=isolated(own.over) if own.over else "",
    )


def _bias(asked: ForestBias | None, plot: _Plot) -> list[Column]:
    if asked is None:
        return []
    tool = risk_tool(asked.tool)
    rows = judged(asked.judgements, tool, plot.names, overall=asked.overall)
    headings = [*tool.domains, *([plot.catalogue.text("figures.bias.overall_short")] if asked.overall else [])]
    return [
        Column(
            heading=heading,
            stamps=tuple(
                None
                if line.study is None or (one := rows[line.study][at]) is None
                else partial(judgement_shape, one, catalogue=plot.catalogue)
                for line in plot.lines
            ),
            gutter=18.0 if at == 0 else 5.0,
            over=plot.catalogue.text("figures.bias.heading", tool=tool.name),
        )
        for at, heading in enumerate(headings)
    ]


def _axis(
    plot: _Plot,
    summaries: Sequence[ForestSummary],
    groups: Sequence[ForestGroup],
    thresholds: Sequence[tuple[float, str]],
    limits: tuple[float, float] | None,
) -> dict[str, float]:
    if limits is not None:
        low, high = (plot.scale.display(limit) for limit in limits)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(
                f"limits are {limits[0]:g} and {limits[1]:g}. Mend: give two finite values, the lower first."
            )
        return {"low": low, "high": high}
    pooled = [span for one in summaries if not one.prediction and (span := _span(one, plot.scale)) is not None]
    further = [*summaries, *(one for part in groups for one in part.summaries)]
    spans = [span for span in plot.spans if span is not None]
    core = [span.value for span in (*spans, *pooled)] + [end for span in pooled for end in (span.lower, span.upper)]
    core += [] if plot.scale.null is None else [plot.scale.null]
    core += [plot.scale.display(value) for value, _ in thresholds]
    wide = [*spans, *(span for one in further if (span := _span(one, plot.scale)) is not None)]
    low, high = readable_ends(core, (end for span in wide for end in (span.lower, span.upper)), log=plot.scale.log)
    return {"low": low, "high": high}


def _desc(
    plot: _Plot,
    summaries: Sequence[ForestSummary],
    groups: Sequence[ForestGroup],
    heterogeneity: Heterogeneity | None,
) -> str:
    """The result in words: every pooled row with its numbers."""

    def said(summary: ForestSummary, prefix: str = "") -> str:
        words = plot.scale.words(_span(summary, plot.scale), plot.catalogue, interval_only=summary.prediction)
        return plot.catalogue.text("figures.forest.row", name=f"{prefix}{summary.name}", numbers=Raw(words))

    parts = [plot.catalogue.text("figures.plot.studies", n=len(plot.names))]
    parts += [said(summary) for summary in summaries]
    parts += [said(summary, f"{one.name}, ") for one in groups for summary in one.summaries]
    if heterogeneity is not None:
        parts.append(
            plot.catalogue.text(
                "figures.forest_stats.heterogeneity", numbers=Raw(heterogeneity_words(heterogeneity, plot.catalogue))
            )
            + "."
        )
    return " ".join(parts)
