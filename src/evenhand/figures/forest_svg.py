"""A forest plot of an assessed effect as one picture that stands alone: for a paper, a slide, a file.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

On a page prefer `forest_rows`; from plain arrays, `forest.forest_plot`. All three share their marks.
"""

from functools import partial

from evenhand.dossier.records import Hand, Outcome, Words
from evenhand.figures.forest_layout import Column, ForestAxis, Row, Stamp, forest_picture
from evenhand.figures.forest_marks import diamond, prediction_bar, study_mark
from evenhand.figures.forest_values import forest_values
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
from evenhand.figures.risk_mark import risk_shape
from evenhand.figures.scale import Scale
from evenhand.figures.svg import Svg, isolated
from evenhand.synthesis.pooled import Pooled
from evenhand.words.catalogue import Catalogue

_LONGEST_COUNT, _LONGEST_ESTIMATE = 170.0, 230.0


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

    def arms(heading: Words, side: str) -> Column:
        counts = (arm_words(getattr(s.contrast, side), s.contrast, catalogue) for s in values.studies)
        return Column(heading=catalogue.say(heading), cells=(*counts, *blanks), longest=_LONGEST_COUNT)

    before = [
        Column(
            heading=catalogue.text("figures.forest.heading.study"),
            cells=(
                *(isolated(label_of(study.contrast.study)) for study in values.studies),
                *(row.name for row in pooled_rows),
            ),
            at_end=False,
        ),
        arms(treatment, "treated"),
        *([] if comparator is None else [arms(comparator, "control")]),
    ]
    after = [
        Column(
            heading=effect_heading(pooled, catalogue),
            cells=(
                *(span_words(study.span, values, catalogue) for study in values.studies),
                *(span_words(r.span, values, catalogue, interval_only=r.kind == "prediction") for r in pooled_rows),
            ),
            longest=_LONGEST_ESTIMATE,
        )
    ]
    if any(weights):
        heading = catalogue.text("figures.forest.heading.weight")
        cells = (*(weight or "" for weight in weights), *blanks)
        after.append(Column(heading=heading, cells=cells, longest=_LONGEST_COUNT))
    stamps: list[Stamp | None] = [
        partial(risk_shape, study.contrast.study.risk_of_bias, catalogue=catalogue) for study in values.studies
    ]
    stamps += [None] * len(pooled_rows)
    after.append(Column(heading=catalogue.text("figures.risk.short"), stamps=tuple(stamps), longest=60.0))
    rows = [
        *(Row(mark=partial(study_mark, study.span, study.weight)) for study in values.studies),
        *(
            Row(mark=partial(_summary_mark, summary, outcome.hand), bold=place == 0, rule_above=place == 0)
            for place, summary in enumerate(pooled_rows)
        ),
    ]
    axis = ForestAxis(
        low=values.low,
        high=values.high,
        log=values.log,
        null=values.null,
        pooled=values.posterior.value,
        sides=side_words(values, outcome, treatment, comparator, catalogue),
    )
    return forest_picture(
        rows,
        before,
        after,
        axis,
        key=key,
        title=forest_title(pooled, outcome, treatment, comparator, catalogue),
        desc=forest_desc(pooled, values, catalogue),
        catalogue=catalogue,
    )


def _summary_mark(summary: Summary, hand: Hand | None, scale: Scale, y: float) -> Svg:
    if summary.kind == "prediction":
        return prediction_bar(summary.span, scale, y)
    is_posterior = summary.kind == "posterior"
    return diamond(summary.span, scale, y, paint=paint_of(hand) if is_posterior else ANYWAY, filled=is_posterior)
