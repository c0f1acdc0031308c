"""From a dossier's rows to contrasts: which arms answer which question, and what each study's effect is.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Iterable

import numpy as np

from evenhand.dossier.records import Design, Dossier, Outcome, OutcomeType, Result, Status, Study
from evenhand.effects import MEASURES
from evenhand.effects.combined_arms import combined
from evenhand.effects.contrast import Contrast
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.printed import printed_effect, spread_of_arm, spreads_of_arms
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


def contrasts_of(dossier: Dossier, outcome: Outcome, treatment: str, comparator: str) -> tuple[Contrast, ...]:
    """Each study's effect of `treatment` against `comparator`, one a study, in the dossier's order.

    A printed difference is taken before the arms' own figures, since it knows of pairing what the arms do not. Of
    several follow-ups the one nearest the end of treatment counts; a baseline (week 0) never does.
    """
    found = []
    for study, rows in _rows_by_study(dossier, outcome):
        if study.design in _NOT_IN_PEOPLE:
            continue
        printed = [
            row
            for row in rows
            if row.treatment == treatment
            and row.comparator is not None
            and stands_for(dossier, outcome, row.comparator, comparator)
            and _has_figures(row)
        ]
        treated = [row for row in rows if row.treatment == treatment and row.comparator is None and _has_figures(row)]
        controls = [
            row
            for row in rows
            if row.comparator is None
            and row.treatment != treatment
            and stands_for(dossier, outcome, row.treatment, comparator)
            and _has_figures(row)
        ]
        contrast = _from_printed(dossier, outcome, comparator, printed) or _from_arms(
            dossier, outcome, comparator, treated, controls
        )
        if contrast is not None:
            found.append(contrast)
    return tuple(found)


def one_arms_of(dossier: Dossier, outcome: Outcome, treatment: str) -> tuple[Contrast, ...]:
    """Each study's own proportion or mean under `treatment`, one a study."""
    if outcome.type not in ONE_ARM_MEASURE:
        return ()
    measure = MEASURES[ONE_ARM_MEASURE[outcome.type]]
    found = []
    for study, all_rows in _rows_by_study(dossier, outcome):
        if study.design in _NOT_IN_PEOPLE or study.design in (Design.CASE_REPORT, Design.NOTICE):
            continue
        rows = _nearest_end_of_treatment(
            [row for row in all_rows if row.treatment == treatment and row.comparator is None and _has_figures(row)]
        )
        if not rows:
            continue
        arm = combined(rows)
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
                how=how,
            )
        )
    return tuple(found)


def _rows_by_study(dossier: Dossier, outcome: Outcome) -> list[tuple[Study, list[Result]]]:
    """The rows on an outcome, a study at a time, in the order of studies.csv."""
    rows: dict[str, list[Result]] = {}
    for row in dossier.results:
        if row.outcome == outcome.id:
            rows.setdefault(row.study, []).append(row)
    return [(study, rows[study.id]) for study in dossier.studies.values() if study.id in rows]


def _has_figures(row: Result) -> bool:
    return row.status is Status.COUNTED and (row.events is not None or row.mean is not None)


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
    row, measure = rows[0], measure_of(outcome)
    yi, vi, how = printed_effect(row, ratio=measure.is_ratio)
    return _contrast(dossier, outcome, comparator, measure, row, None, yi, vi, how)


def _from_arms(
    dossier: Dossier, outcome: Outcome, comparator: str, treated: list[Result], controls: list[Result]
) -> Contrast | None:
    times = {row.followup_weeks for row in controls}
    treated = _nearest_end_of_treatment([row for row in treated if row.followup_weeks in times])
    if not treated:
        return None
    controls = [row for row in controls if row.followup_weeks == treated[0].followup_weeks]
    measure = measure_of(outcome)
    arm, control = combined(treated), combined(controls)
    yi, vi, how = _two_arm_estimate(measure, arm, control)
    return _contrast(dossier, outcome, comparator, measure, arm, control, yi, vi, how)


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
