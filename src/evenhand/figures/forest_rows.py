"""A forest plot as rows of a table on a page: words and numbers as text, each interval as a small picture.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

On screen this is the better form: it reflows on a phone, a screen reader walks it as a table, and right-to-left pages
mirror it while its axis keeps growing to the right.
"""

from dataclasses import dataclass

from evenhand.dossier.records import Outcome, Words
from evenhand.figures.forest_marks import (
    axis,
    diamond,
    grid,
    null_line,
    pooled_line,
    prediction_bar,
    study_mark,
)
from evenhand.figures.forest_values import ForestValues, forest_values
from evenhand.figures.forest_words import (
    LabelOf,
    Summary,
    arm_words,
    effect_heading,
    forest_desc,
    forest_title,
    label_of_study,
    side_words,
    span_words,
    summaries,
    weight_words,
)
from evenhand.figures.palette import ANYWAY, paint_of
from evenhand.figures.risk_mark import risk_mark
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, figure
from evenhand.synthesis.pooled import Pooled
from evenhand.words.catalogue import Catalogue

# One unit is one CSS pixel at the heights of `palette.stylesheet`; rows and axis must keep their ratio to line up.
CELL_WIDTH, CELL_HEIGHT, AXIS_HEIGHT = 240.0, 28.0, 26.0
_EDGE = 12.0
# How far the lines of the axis reach below a cell, so that they meet across the rows of a table with taller text; only
# downwards, where the next cell's marks are painted over them, and less below the last row, where the axis has its
# numbers.
_REACH, _LAST_REACH = 28.0, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One row of the table."""

    kind: str  # 'study', 'posterior', 'classical', 'prediction'
    label: str
    treated: str  # counts or mean of the treated arm; '' in pooled rows
    control: str  # '' for one arm and in pooled rows
    estimate: str  # '0.49 (0.33 to 0.73)', or that there is none
    weight: str | None
    risk: Svg | None  # risk of bias; None in pooled rows
    picture: Svg


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestTable:
    """Headings, rows and axis of one forest plot."""

    title: str
    summary: str  # the pooled result in words
    label_heading: str
    treated_heading: Words
    control_heading: Words | None  # None for one arm: leave the column out
    estimate_heading: str
    weight_heading: str | None  # None where the model gives no weights: leave the column out
    risk_heading: str
    rows: tuple[ForestRow, ...]
    axis: Svg
    low_side: str | None  # what stands under the left end of the axis, and the right; left and right in every language
    high_side: str | None


def forest_rows(
    pooled: Pooled,
    *,
    key: str,
    catalogue: Catalogue,
    outcome: Outcome,
    treatment: Words,
    comparator: Words | None,
    label_of: LabelOf = label_of_study,
) -> ForestTable:
    """One pooled effect as a table with pictures.

    Parameters
    ----------
    key : str
        Prefix of all ids; different for every figure of a page.
    treatment, comparator : Words
        Names of both sides; no comparator for one arm.
    label_of : callable
        What a study is called.
    """
    values = forest_values(pooled)
    scale = Scale(low=values.low, high=values.high, start=_EDGE, stop=CELL_WIDTH - _EDGE, log=values.log)
    ticks = scale.ticks(5)
    sides = side_words(values, outcome, treatment, comparator, catalogue)
    studies = tuple(
        ForestRow(
            kind="study",
            label=label_of(study.contrast.study),
            treated=arm_words(study.contrast.treated, study.contrast, catalogue),
            control=arm_words(study.contrast.control, study.contrast, catalogue),
            estimate=span_words(study.span, values, catalogue),
            weight=weight_words(study, catalogue),
            risk=risk_mark(study.contrast.study.risk_of_bias, key=f"{key}-bias-{place}", catalogue=catalogue),
            picture=_cell(
                study_mark(study.span, study.weight, scale, CELL_HEIGHT / 2),
                values,
                scale,
                ticks,
                key=f"{key}-study-{place}",
                title=label_of(study.contrast.study),
                desc=span_words(study.span, values, catalogue),
                catalogue=catalogue,
            ),
        )
        for place, study in enumerate(values.studies)
    )
    shown = summaries(values, catalogue)
    pooled_rows = tuple(
        ForestRow(
            kind=summary.kind,
            label=summary.name,
            treated="",
            control="",
            estimate=(words := span_words(summary.span, values, catalogue, interval_only=summary.kind == "prediction")),
            weight=None,
            risk=None,
            picture=_cell(
                _summary_mark(summary, outcome, scale),
                values,
                scale,
                ticks,
                key=f"{key}-{summary.kind}",
                title=summary.name,
                desc=words,
                catalogue=catalogue,
                last=place == len(shown) - 1,
            ),
        )
        for place, summary in enumerate(shown)
    )
    weighted = any(study.weight is not None for study in values.studies)
    return ForestTable(
        title=forest_title(pooled, outcome, treatment, comparator, catalogue),
        summary=forest_desc(pooled, values, catalogue),
        label_heading=catalogue.text("figures.forest.heading.study"),
        treated_heading=treatment,
        control_heading=comparator,
        estimate_heading=effect_heading(pooled, catalogue),
        weight_heading=catalogue.text("figures.forest.heading.weight") if weighted else None,
        risk_heading=catalogue.text("figures.risk.title"),
        rows=studies + pooled_rows,
        axis=_axis_cell(pooled, values, scale, ticks, key, catalogue),
        low_side=None if sides is None else sides[0],
        high_side=None if sides is None else sides[1],
    )


def _cell(
    mark: Svg,
    values: ForestValues,
    scale: Scale,
    ticks: tuple[float, ...],
    *,
    key: str,
    title: str,
    desc: str,
    catalogue: Catalogue,
    last: bool = False,
) -> Svg:
    bottom = CELL_HEIGHT + (_LAST_REACH if last else _REACH)
    return figure(
        grid(scale, ticks, 0, bottom),
        null_line(values.null, scale, 0, bottom),
        pooled_line(values.posterior.value, scale, 0, CELL_HEIGHT),
        mark,
        key=key,
        title=title,
        desc=desc,
        width=CELL_WIDTH,
        height=CELL_HEIGHT,
        catalogue=catalogue,
        class_="figure-cell",
    )


def _summary_mark(summary: Summary, outcome: Outcome, scale: Scale) -> Svg:
    middle = CELL_HEIGHT / 2
    if summary.kind == "prediction":
        return prediction_bar(summary.span, scale, middle)
    if summary.kind == "classical":
        return diamond(summary.span, scale, middle, paint=ANYWAY, filled=False)
    return diamond(summary.span, scale, middle, paint=paint_of(outcome.hand), filled=True)


def _axis_cell(
    pooled: Pooled, values: ForestValues, scale: Scale, ticks: tuple[float, ...], key: str, catalogue: Catalogue
) -> Svg:
    return figure(
        axis(scale, ticks, 4, catalogue),
        key=f"{key}-axis",
        title=catalogue.text("figures.axis"),
        desc=catalogue.text(
            "figures.forest.axis",
            what=effect_heading(pooled, catalogue),
            low=ticks[0] if ticks else values.low,
            high=ticks[-1] if ticks else values.high,
        ),
        width=CELL_WIDTH,
        height=AXIS_HEIGHT,
        catalogue=catalogue,
        class_="figure-axis",
    )
