"""Arms that already differed before anybody was treated, by so much that the difference afterwards says little.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

A difference of final values takes the arms for alike at the start. Chance makes some difference even under a fair draw,
so a finding needs two things: at the start the arms stood apart by a quarter of a standard deviation, and that was half
or more of the difference at the end, on the same side.
"""

from collections.abc import Iterator

from evenhand.dossier.records import Dossier, Result
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.groups import Group, groups_of, lines
from evenhand.messages import message

SHARE = 0.5  # of the final difference, that was there before
APART = 0.25  # standard deviations at the start, below which arms count as alike


def unequal_starts(dossier: Dossier) -> Iterator[Finding]:
    """Each treated arm that was ahead of (or behind) its control at week 0."""
    groups = list(groups_of(dossier))
    starts = {(group.study.id, group.outcome.id): group for group in groups if group.followup_weeks == 0}
    for group in _last_looks(groups):
        start = starts.get((group.study.id, group.outcome.id))
        if start is None:
            continue
        # Of active treatments beside each other, the last stands for the control.
        controls = [arm for arm in group.arms if _is_control(dossier, arm)] or list(group.arms[-1:])
        for control in controls[:1]:
            for treated in group.arms:
                if treated.treatment != control.treatment:
                    yield from _compared(start, group, treated, control)


def _last_looks(groups: list[Group]) -> list[Group]:
    """For each study and outcome, the last group after the start."""
    last: dict[tuple[str, str], Group] = {}
    for group in groups:
        if (group.followup_weeks or 0) > 0:
            last[group.study.id, group.outcome.id] = group
    return list(last.values())


def _is_control(dossier: Dossier, arm: Result) -> bool:
    treatment = dossier.treatments[arm.treatment]
    return treatment.stands_for is not None or treatment.id == dossier.question.comparator


def _compared(start: Group, end: Group, treated: Result, control: Result) -> Iterator[Finding]:
    before = [_same_arm(start, arm) for arm in (treated, control)]
    if before[0] is None or before[1] is None:
        return
    means = [arm.mean for arm in (before[0], before[1], treated, control)]
    if before[1].sd is None or any(mean is None for mean in means):
        return
    at_start, at_start_control, at_end, at_end_control = (mean for mean in means if mean is not None)
    first, last = at_start - at_start_control, at_end - at_end_control
    if first * last <= 0 or abs(first) < APART * before[1].sd or abs(first) < SHARE * abs(last):
        return
    yield Finding(
        study=end.study.id,
        check="baseline",
        severity=Severity.CONCERN,
        detail=message(
            "integrity.baseline.apart", arm=treated.arm, control=control.arm, start=round(first, 6), end=round(last, 6)
        ),
        outcome=end.outcome.id,
        rows=lines(before[0], before[1], treated, control),
    )


def _same_arm(group: Group, arm: Result) -> Result | None:
    found = [other for other in group.arms if (other.arm, other.treatment) == (arm.arm, arm.treatment)]
    return found[0] if len(found) == 1 else None


BASELINE = Check(name="baseline", find=unequal_starts)
