"""A forest plot as one picture that stands alone: for a paper, a slide, a file.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Columns run in reading order, so in Arabic from the right; the axis grows to the right in every language. On a page
prefer `forest_rows`.
"""

from dataclasses import dataclass

from evenhand.dossier.records import Outcome, Words
from evenhand.figures.forest_marks import axis, diamond, grid, null_line, pooled_line, prediction_bar, study_mark
from evenhand.figures.forest_values import forest_values
from evenhand.figures.forest_words import (
    LabelOf,
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
from evenhand.figures.palette import ANYWAY, GRID, SECONDARY, paint_of
from evenhand.figures.risk_mark import risk_shape
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, element, figure, group, isolated, label, line
from evenhand.figures.text_width import text_width, wrapped
from evenhand.synthesis.pooled import Pooled
from evenhand.words.catalogue import Catalogue

_SIZE, _ROW, _HEAD = 13.0, 32.0, 56.0
_GUTTER, _MARGIN, _PLOT = 18.0, 10.0, 300.0
_LONGEST_LABEL, _LONGEST_COUNT, _LONGEST_ESTIMATE = 240.0, 170.0, 230.0
_RISK = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One column of text: its heading, its cells, and whether they stand at its end."""

    heading: str
    cells: tuple[str, ...]
    at_end: bool
    longest: float

    @property
    def width(self) -> float:
        widest = max([text_width(cell, _SIZE, bold=True) for cell in self.cells if cell], default=0.0)
        heading = max((text_width(word, _SIZE, bold=True) for word in self.heading.split()), default=0.0)
        return min(self.longest, max(widest, heading, 40.0))


def forest_svg(
    pooled: Pooled,
    *,
    key: str,
    catalogue: Catalogue,
    outcome: Outcome,
    treatment: Words,
    comparator: Words | None,
    label_of: LabelOf = label_of_study,
) -> Svg:
    """One pooled effect with its studies, as a picture of its own. Parameters as in `forest_rows`."""
    values = forest_values(pooled)
    pooled_rows = summaries(values, catalogue)
    weights = [weight_words(study, catalogue) for study in values.studies]
    blanks = ("",) * len(pooled_rows)
    before = [
        _Column(
            heading=catalogue.text("figures.forest.heading.study"),
            cells=(
                *(isolated(label_of(study.contrast.study)) for study in values.studies),
                *(row.name for row in pooled_rows),
            ),
            at_end=False,
            longest=_LONGEST_LABEL,
        ),
        _Column(
            heading=catalogue.say(treatment),
            cells=(*(arm_words(s.contrast.treated, s.contrast, catalogue) for s in values.studies), *blanks),
            at_end=True,
            longest=_LONGEST_COUNT,
        ),
    ]
    if comparator is not None:
        before.append(
            _Column(
                heading=catalogue.say(comparator),
                cells=(*(arm_words(s.contrast.control, s.contrast, catalogue) for s in values.studies), *blanks),
                at_end=True,
                longest=_LONGEST_COUNT,
            )
        )
    after = [
        _Column(
            heading=effect_heading(pooled, catalogue),
            cells=(
                *(span_words(study.span, values, catalogue) for study in values.studies),
                *(span_words(r.span, values, catalogue, interval_only=r.kind == "prediction") for r in pooled_rows),
            ),
            at_end=True,
            longest=_LONGEST_ESTIMATE,
        )
    ]
    if any(weights):
        after.append(
            _Column(
                heading=catalogue.text("figures.forest.heading.weight"),
                cells=(*(weight or "" for weight in weights), *blanks),
                at_end=True,
                longest=_LONGEST_COUNT,
            )
        )
    plot_start = _MARGIN + sum(column.width + _GUTTER for column in before)
    plot_stop = plot_start + _PLOT
    risk_at = plot_stop + _GUTTER + sum(column.width + _GUTTER for column in after) + _RISK / 2
    width = risk_at + _RISK / 2 + _MARGIN
    rtl = catalogue.direction == "rtl"

    def across(x: float) -> float:
        return width - x if rtl else x

    def cell(words: str, x: float, column: _Column, baseline: float, *, bold: bool = False, most: int = 2) -> list[Svg]:
        anchor_at_end = column.at_end != rtl
        at = across(x + (column.width if column.at_end else 0.0))
        lines = wrapped(words, _SIZE * (1.06 if bold else 1.0), column.width + 1, most)
        # A heading stands on the rule below it, a cell in the middle of its row.
        shift = (-0.6 if most == 2 else -1.2) * _SIZE * (len(lines) - 1)
        return [
            label(
                text,
                at,
                baseline + shift + place * 1.2 * _SIZE,
                catalogue,
                anchor="end" if anchor_at_end else "start",
                font_size=_SIZE,
                font_weight="700" if bold else None,
            )
            for place, text in enumerate(lines)
        ]

    top = _HEAD
    body = top + _ROW * (len(values.studies) + len(pooled_rows))
    left, right = sorted((across(plot_start), across(plot_stop)))
    scale = Scale(low=values.low, high=values.high, start=left + 8, stop=right - 8, log=values.log)
    ticks = scale.ticks()
    parts: list[str] = [
        grid(scale, ticks, top, body),
        null_line(values, scale, top, body + 5),
        pooled_line(values, scale, top, body),
        group(line(_MARGIN, top, width - _MARGIN, top, stroke_width=1.4), **SECONDARY.attributes),
    ]
    rule = top + _ROW * len(values.studies)
    parts.append(group(line(_MARGIN, rule, width - _MARGIN, rule, stroke_width=1), **GRID.attributes))
    starts = _starts(before, _MARGIN) + _starts(after, plot_stop + _GUTTER)
    for column, x in zip([*before, *after], starts, strict=True):
        parts += cell(column.heading, x, column, top - 9, bold=True, most=3)
        for place, words in enumerate(column.cells):
            bold = place == len(values.studies)
            parts += cell(words, x, column, top + _ROW * (place + 0.5) + 4.5, bold=bold) if words else []
    for place, study in enumerate(values.studies):
        middle = top + _ROW * (place + 0.5)
        parts.append(study_mark(study, scale, middle))
        parts.append(risk_shape(study.contrast.study.risk_of_bias, across(risk_at), middle, catalogue))
    bias = _Column(heading=catalogue.text("figures.risk.short"), cells=(), at_end=True, longest=_RISK + _GUTTER)
    parts += cell(bias.heading, risk_at + _RISK / 2 - bias.width, bias, top - 9, bold=True, most=3)
    for place, row in enumerate(pooled_rows, start=len(values.studies)):
        middle = top + _ROW * (place + 0.5)
        if row.kind == "prediction":
            parts.append(prediction_bar(row.span, scale, middle))
        else:
            is_posterior = row.kind == "posterior"
            paint = paint_of(outcome.hand) if is_posterior else ANYWAY
            parts.append(diamond(row.span, scale, middle, paint=paint, filled=is_posterior))
    parts.append(axis(scale, ticks, body + 5, catalogue))
    height = body + 34.0
    sides = side_words(values, outcome, treatment, comparator, catalogue)
    if sides is not None:
        parts.append(_sides(sides, left, right, height + 8, catalogue))
        height += 18
    return figure(
        element("g", *parts),
        key=key,
        title=forest_title(pooled, outcome, treatment, comparator, catalogue),
        desc=forest_desc(pooled, values, catalogue),
        width=width,
        height=height,
        catalogue=catalogue,
        class_="figure figure-forest",
    )


def _starts(columns: list[_Column], start: float) -> list[float]:
    starts = []
    for column in columns:
        starts.append(start)
        start += column.width + _GUTTER
    return starts


def _sides(sides: tuple[str, str], left: float, right: float, y: float, catalogue: Catalogue) -> Svg:
    """Whom each side favours, at the ends of the axis, with arrows that point there."""
    low, high = (wrapped(words, 12, (right - left) / 2 - 24, 1)[0] for words in sides)
    return group(
        label("←", left, y, catalogue, font_size=12),
        label(low, left + 16, y, catalogue, font_size=12),
        label("→", right, y, catalogue, anchor="end", font_size=12),
        label(high, right - 16, y, catalogue, anchor="end", font_size=12),
        **SECONDARY.attributes,
    )
