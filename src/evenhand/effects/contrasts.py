"""From a dossier's rows to contrasts: which arms answer which question, and what each study's effect is.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from evenhand.dossier.records import Design, Dossier, Outcome, OutcomeType, Result, Status, Study
from evenhand.effects import MEASURES
from evenhand.effects.combined_arms import combined
from evenhand.effects.contrast import Contrast
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.printed import (
    counted_from_percent,
    one_of_several,
    printed_effect,
    reversed_difference,
    spread_of_arm,
    spreads_of_arms,
)
from evenhand.messages import Message, message

DEFAULT_MEASURE = {OutcomeType.BINARY: "OR", OutcomeType.CONTINUOUS: "MD"}
ONE_ARM_MEASURE = {OutcomeType.BINARY: "PLO", OutcomeType.CONTINUOUS: "MN"}
_NOT_IN_PEOPLE = frozenset({Design.ANIMAL, Design.LABORATORY})


def measure_of(outcome: Outcome) -> Measure:
    """The measure of an outcome's contrasts: its own choice, else odds ratio or mean difference."""
    return MEASURES[outcome.measure or DEFAULT_MEASURE.get(outcome.type, "OR")]


def stands_for(dossier: Dossier, outcome: Outcome, arm_treatment: str, comparator: str) -> bool:
    """Whether an arm may serve as the control `comparator` on this outcome.

    A placebo drip stands for no treatment where it shares nothing that brings the outcome about; for harm done by
    needles it is no control, having a needle itself.
    """
    if arm_treatment == comparator:
        return True
    treatment = dossier.treatments[arm_treatment]
    return treatment.stands_for == comparator and (
        outcome.only_with is None or outcome.only_with not in treatment.features
    )


def contrasts_of(
    dossier: Dossier, outcome: Outcome, treatment: str, comparator: str, rows: Iterable[Result] | None = None
) -> tuple[Contrast, ...]:
    """Each study's effect of `treatment` against `comparator`, one a study, in the dossier's order.

    A printed difference is taken before the arms' own figures, since it knows of pairing what the arms do not; but
    where it comes without any spread and the arms have theirs, the arms count. One printed the other way round
    (control − treatment) is turned. Of several follow-ups the one nearest the end of treatment counts; a baseline
    (week 0) never does.

    Parameters
    ----------
    rows : iterable of Result, optional
        The dossier's rows on this outcome, where the caller has sorted them out already.
    """
    found = []
    for study, own in _rows_by_study(dossier, outcome, rows):
        if study.design in _NOT_IN_PEOPLE:
            continue
        figures = [row for row in own if _has_figures(row, outcome)]
        printed = _printed_rows(dossier, outcome, treatment, comparator, figures)
        arms = [row for row in figures if row.comparator is None]
        treated = [row for row in arms if row.treatment == treatment]
        controls = [
            row
            for row in arms
            if row.treatment != treatment and stands_for(dossier, outcome, row.treatment, comparator)
        ]
        contrast = _from_printed(dossier, outcome, comparator, printed)
        if measure_of(outcome).arguments_are_of_arms and (contrast is None or not _says_how_sure(contrast)):
            from_arms = _from_arms(dossier, outcome, comparator, treated, controls)
            if contrast is None or (from_arms is not None and _says_how_sure(from_arms)):
                contrast = from_arms
        if contrast is not None:
            found.append(contrast)
    return tuple(found)


def _printed_rows(
    dossier: Dossier, outcome: Outcome, treatment: str, comparator: str, rows: Sequence[Result]
) -> list[Result]:
    """The printed differences of `treatment` from `comparator`, whichever way round they stand."""
    ratio = measure_of(outcome).is_ratio
    found = []
    for row in rows:
        if row.comparator is None:
            continue
        if row.treatment == treatment and stands_for(dossier, outcome, row.comparator, comparator):
            found.append(row)
        elif row.comparator == treatment and stands_for(dossier, outcome, row.treatment, comparator):
            found.append(reversed_difference(row, ratio=ratio))
    return found


def _says_how_sure(contrast: Contrast) -> bool:
    """Whether a contrast has a spread, or counts, which have their exact likelihood."""
    return contrast.counts is not None or (math.isfinite(contrast.vi) and contrast.vi > 0)


def one_arms_of(
    dossier: Dossier, outcome: Outcome, treatment: str, rows: Iterable[Result] | None = None
) -> tuple[Contrast, ...]:
    """Each study's own proportion or mean under `treatment`, one a study; `rows` as in `contrasts_of`."""
    if outcome.type not in ONE_ARM_MEASURE:
        return ()
    measure = MEASURES[ONE_ARM_MEASURE[outcome.type]]
    found = []
    for study, own in _rows_by_study(dossier, outcome, rows):
        if study.design in _NOT_IN_PEOPLE or study.design in (Design.CASE_REPORT, Design.NOTICE):
            continue
        treated = _nearest_end_of_treatment(
            [row for row in own if row.treatment == treatment and row.comparator is None and _has_figures(row, outcome)]
        )
        if not treated:
            continue
        arm, so = _as_one(study, treated)
        yi, vi, how = _one_arm_estimate(measure, arm)
        found.append(
            Contrast(
                study=study,
                outcome=outcome.id,
                treatment=treatment,
                comparator=None,
                measure=measure.name,
                followup_weeks=arm.followup_weeks,
                yi=yi,
                vi=vi,
                treated=arm,
                control=None,
                how=so or how,
            )
        )
    return tuple(found)


def _rows_by_study(
    dossier: Dossier, outcome: Outcome, rows: Iterable[Result] | None
) -> list[tuple[Study, list[Result]]]:
    """The rows on an outcome, a study at a time, in the order of studies.csv."""
    by_study: dict[str, list[Result]] = {}
    for row in dossier.results if rows is None else rows:
        if row.outcome == outcome.id:
            by_study.setdefault(row.study, []).append(row)
    place = {study: i for i, study in enumerate(dossier.studies)} if len(by_study) > 1 else {}
    return [
        (dossier.studies[study], by_study[study]) for study in sorted(by_study, key=lambda name: place.get(name, 0))
    ]


def _has_figures(row: Result, outcome: Outcome) -> bool:
    counted_in_people = outcome.type is not OutcomeType.CONTINUOUS and row.comparator is None
    percentage = counted_in_people and row.percent is not None and row.n is not None
    return row.status is Status.COUNTED and (row.events is not None or row.mean is not None or percentage)


def _nearest_end_of_treatment(rows: list[Result]) -> list[Result]:
    """The rows at one time after baseline: where treatment ends, or as near to it as anybody looked."""
    after = [row for row in rows if row.followup_weeks is None or row.followup_weeks > 0]
    if not after:
        return []

    def distance(row: Result) -> tuple[float, float]:
        if row.followup_weeks is None:
            return (math.inf, 0.0)
        end = row.weeks if row.weeks is not None else math.inf
        gap = abs(row.followup_weeks - end) if math.isfinite(end) else -row.followup_weeks
        return (gap, row.followup_weeks)

    best = min(after, key=distance).followup_weeks
    return [row for row in after if row.followup_weeks == best]


def _from_printed(dossier: Dossier, outcome: Outcome, comparator: str, rows: list[Result]) -> Contrast | None:
    rows = _nearest_end_of_treatment(rows)
    if not rows:
        return None
    measure = measure_of(outcome)
    row, yi, vi, how = one_of_several([(row, *printed_effect(row, ratio=measure.is_ratio)) for row in rows])
    return _contrast(dossier, outcome, comparator, measure, row, None, yi, vi, how)


def _from_arms(
    dossier: Dossier, outcome: Outcome, comparator: str, treated: list[Result], controls: list[Result]
) -> Contrast | None:
    times = {row.followup_weeks for row in controls}
    treated = _nearest_end_of_treatment([row for row in treated if row.followup_weeks in times])
    if not treated:
        return None
    controls = [row for row in controls if row.followup_weeks == treated[0].followup_weeks]
    measure, study = measure_of(outcome), dossier.studies[treated[0].study]
    arm, so_treated = _as_one(study, treated, controls)
    control, so_control = _as_one(study, controls, treated)
    yi, vi, how = _two_arm_estimate(measure, arm, control)
    return _contrast(dossier, outcome, comparator, measure, arm, control, yi, vi, so_treated or so_control or how)


def _as_one(study: Study, rows: Sequence[Result], others: Sequence[Result] = ()) -> tuple[Result, Message | None]:
    """One arm from the rows of one treatment at one time, and what is to be said of it where that is no plain sum.

    Rows of several arms are added up. Where that would make more people than the study had, they are several looks at
    the same people (two symptoms, two sides of a face): the first row stands for them.
    """
    counted = [counted_from_percent(row) for row in rows]
    how = (
        message("effects.how.percent") if any(one is not row for one, row in zip(counted, rows, strict=True)) else None
    )
    if len(counted) == 1:
        return counted[0], how
    people = max((size for size in (study.n_randomised, study.n_analysed) if size is not None), default=None)
    taken = sum(row.n or 0 for row in counted) + max((row.n or 0 for row in others), default=0)
    if people is not None and taken > people:
        return counted[0], message("effects.how.same_people")
    return combined([_with_spread(row) for row in counted]), how


def _with_spread(row: Result) -> Result:
    """The arm with its SD filled in, where its SE or interval gives one: arms combine by their SDs."""
    if row.mean is None or row.sd is not None:
        return row
    sd, _ = spread_of_arm(row)
    return replace(row, sd=sd) if math.isfinite(sd) else row


def _contrast(
    dossier: Dossier,
    outcome: Outcome,
    comparator: str,
    measure: Measure,
    treated: Result,
    control: Result | None,
    yi: float,
    vi: float,
    how: Message,
) -> Contrast:
    return Contrast(
        study=dossier.studies[treated.study],
        outcome=outcome.id,
        treatment=treated.treatment,
        comparator=comparator,
        measure=measure.name,
        followup_weeks=treated.followup_weeks,
        yi=yi,
        vi=vi,
        treated=treated,
        control=control,
        how=how,
    )


def _two_arm_estimate(measure: Measure, treated: Result, control: Result) -> tuple[float, float, Message]:
    if measure.kind is Kind.COUNTS:
        figures = (treated.events, treated.n, control.events, control.n)
        return *_estimate(measure, figures), message("effects.how.counts")
    sd_t, sd_c, how = spreads_of_arms(treated, control)
    return *_estimate(measure, (treated.mean, sd_t, treated.n, control.mean, sd_c, control.n)), how


def _one_arm_estimate(measure: Measure, arm: Result) -> tuple[float, float, Message]:
    if measure.kind is Kind.ONE_COUNT:
        return *_estimate(measure, (arm.events, arm.n)), message("effects.how.counts")
    sd, how = spread_of_arm(arm)
    return *_estimate(measure, (arm.mean, sd, arm.n)), how


def _estimate(measure: Measure, figures: Iterable[float | None]) -> tuple[float, float]:
    """`yi` and `vi` of one study; nan where a figure is missing or a cell is zero."""
    arrays = [np.asarray([math.nan if figure is None else figure], dtype=np.float64) for figure in figures]
    yi, vi = measure.estimate(*arrays)
    return float(yi[0]), float(vi[0])
