"""What a forest plot says in words: headings, counts, estimates, sides.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from evenhand.dossier.records import Hand, Outcome, OutcomeType, Result, Study, Words
from evenhand.effects import MEASURES, Kind
from evenhand.effects.contrast import Contrast
from evenhand.figures.counts import common_digits, ratio_number, with_range
from evenhand.figures.forest_values import ForestValues, Span, StudyValues
from evenhand.figures.svg import isolated
from evenhand.outlook.people import PEOPLE
from evenhand.synthesis.pooled import Pooled
from evenhand.words.catalogue import Catalogue, Raw

LabelOf = Callable[[Study], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One pooled row: which, what it is called, its numbers."""

    kind: str  # 'posterior', 'classical', 'prediction'
    name: str
    span: Span


def label_of_study(study: Study) -> str:
    """The label the dossier gives, or its id."""
    return study.label or study.id


def effect_heading(pooled: Pooled, catalogue: Catalogue) -> str:
    """`Odds ratio (95 % interval)`."""
    kind = MEASURES[pooled.measure].kind
    if kind is Kind.ONE_COUNT or pooled.measure == "RD":
        key = "one_count" if kind is Kind.ONE_COUNT else "risk_difference"
        return catalogue.text(f"figures.forest.heading.{key}", people=int(PEOPLE))
    name = catalogue.text(MEASURES[pooled.measure].label)
    # Measures are named in lower case, to stand within a sentence.
    return catalogue.text("figures.forest.heading.effect", measure=Raw(name[:1].upper() + name[1:]))


def span_words(span: Span | None, values: ForestValues, catalogue: Catalogue, *, interval_only: bool = False) -> str:
    """`0.49 (0.33 to 0.73)`, or that there is no estimate."""
    if span is None:
        return catalogue.text("figures.forest.no_estimate")
    digits = common_digits(span.value, span.lower, span.upper)
    number, lower, upper = (
        effect_number(value, values, digits, catalogue) for value in (span.value, span.lower, span.upper)
    )
    interval = catalogue.interval(lower, upper)
    return interval if interval_only else with_range(number, interval, catalogue)


def effect_number(value: float, values: ForestValues, digits: int, catalogue: Catalogue) -> str:
    """Two decimals for a ratio, whole people of 1,000, `digits` decimals on any other scale."""
    if values.people:
        return catalogue.number(value, 0 if abs(value) >= 10 or value == 0 else 1)
    if not math.isfinite(value):
        return catalogue.number(value)
    return ratio_number(value, catalogue) if values.log else catalogue.number(value, digits)


def weight_words(study: StudyValues, catalogue: Catalogue) -> str | None:
    """`12 %`, or nothing where a study has no weight of its own."""
    if study.weight is None:
        return None
    return catalogue.text("figures.forest.percent", number=Raw(catalogue.number(study.weight, 1)))


def arm_words(arm: Result | None, contrast: Contrast, catalogue: Catalogue) -> str:
    """What was counted or measured in one arm: `6/16`, or `1.28 (0.40), n 30`."""
    if arm is None:
        return ""
    if contrast.control is None and contrast.comparator is not None:
        key = "difference_printed" if arm.n is None else "difference_printed_n"
        return catalogue.text(f"figures.forest.{key}", count="" if arm.n is None else arm.n)
    if MEASURES[contrast.measure].kind in (Kind.COUNTS, Kind.ONE_COUNT):
        if arm.events is None or arm.n is None:
            return catalogue.text("figures.not_reported")
        return catalogue.text("figures.forest.events_of", events=Raw(f"{arm.events:,}"), total=Raw(f"{arm.n:,}"))
    if arm.mean is None:
        return catalogue.text("figures.not_reported")
    mean = isolated(arm.mean_printed.replace("-", "−")) if arm.mean_printed else catalogue.number(arm.mean)
    spread = "–" if arm.sd is None else arm.sd_printed or catalogue.number(arm.sd)
    size = "–" if arm.n is None else f"{arm.n:,}"
    return catalogue.text("figures.forest.mean_sd", mean=Raw(mean), sd=Raw(spread), count=Raw(size))


def summaries(values: ForestValues, catalogue: Catalogue) -> tuple[Summary, ...]:
    """The pooled rows that exist, the full posterior first."""
    single = len(values.studies) < 2
    rows = [
        Summary(
            kind="posterior",
            name=catalogue.text(f"figures.forest.{'posterior_single' if single else 'posterior'}"),
            span=values.posterior,
        )
    ]
    if values.classical is not None:
        name = catalogue.text("figures.forest.classical", method=values.classical_method or "")
        rows.append(Summary(kind="classical", name=name, span=values.classical))
    if values.prediction is not None:
        rows.append(
            Summary(kind="prediction", name=catalogue.text("figures.forest.prediction"), span=values.prediction)
        )
    return tuple(rows)


def more_is_better(outcome: Outcome) -> bool | None:
    """Whether a larger number is good news; `None` for a scale that does not say."""
    if outcome.type is OutcomeType.CONTINUOUS or outcome.higher_is_better is not None:
        return outcome.higher_is_better
    return outcome.hand is Hand.BENEFIT


def side_words(
    values: ForestValues, outcome: Outcome, treatment: Words, comparator: Words | None, catalogue: Catalogue
) -> tuple[str, str] | None:
    """Whom the low and the high side of no effect favour; nothing for one arm."""
    better = more_is_better(outcome)
    if values.null is None or comparator is None or better is None:
        return None
    low, high = (comparator, treatment) if better else (treatment, comparator)
    return (
        catalogue.text("figures.forest.favours", name=low),
        catalogue.text("figures.forest.favours", name=high),
    )


def forest_title(
    pooled: Pooled, outcome: Outcome, treatment: Words, comparator: Words | None, catalogue: Catalogue
) -> str:
    """What the plot is about."""
    if comparator is None:
        return catalogue.text("figures.forest.title_one_arm", outcome=outcome.name, treatment=treatment, n=pooled.k)
    return catalogue.text(
        "figures.forest.title", outcome=outcome.name, treatment=treatment, comparator=comparator, n=pooled.k
    )


def forest_desc(pooled: Pooled, values: ForestValues, catalogue: Catalogue) -> str:
    """The result in words: every pooled row with its numbers."""
    heading = effect_heading(pooled, catalogue)
    rows = [
        catalogue.text(
            "figures.forest.row",
            name=Raw(row.name),
            numbers=Raw(span_words(row.span, values, catalogue, interval_only=row.kind == "prediction")),
        )
        for row in summaries(values, catalogue)
    ]
    return " ".join([f"{heading}.", *rows])
