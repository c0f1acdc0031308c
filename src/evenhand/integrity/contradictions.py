"""Trials that contradict each other: the same two treatments, and each trial leans to another of them.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

Of two trials one may be wrong, or their people, doses or definitions may differ; the figures do not tell which. So a
contradiction is a note. It is told where the trials lie on opposite sides of no difference, each by more than its own
standard error, and chance alone would part two trials so far in fewer than 1 of 20 dossiers with as many pairs.
"""

from collections.abc import Iterator
from itertools import combinations
from math import erfc, log, sqrt
from typing import NamedTuple

from evenhand.dossier.records import Dossier, Result, Study
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.groups import Group, groups_of, lines
from evenhand.messages import message

_BY_CHANCE = 0.05  # over all pairs of trials of a dossier together
_LEANS = 1.0  # standard errors from no difference


class _Side(NamedTuple):
    """What one study says of two treatments, free of the scale it was measured on."""

    study: Study
    effect: float  # log odds ratio, or difference in standard deviations; first treatment less second
    variance: float
    rows: tuple[int, ...]


def studies_that_contradict(dossier: Dossier) -> Iterator[Finding]:
    """Each pair of studies, told at both."""
    compared = [
        (outcome, treatments, one, other)
        for (outcome, treatments), sides in _sides(dossier).items()
        for one, other in combinations(sides, 2)
    ]
    for outcome, treatments, one, other in compared:
        if _leans(one) * _leans(other) == -1 and _chance_of_gap(one, other) * len(compared) < _BY_CHANCE:
            for here, there in ((one, other), (other, one)):
                first, second = treatments if here.effect > 0 else treatments[::-1]  # more of it with the first
                yield Finding(
                    study=here.study.id,
                    check="contradiction",
                    severity=Severity.NOTE,
                    detail=message(
                        "integrity.contradictions.studies",
                        outcome=dossier.outcomes[outcome].name,
                        first=dossier.treatments[first].name,
                        second=dossier.treatments[second].name,
                        other=there.study.label,
                    ),
                    outcome=outcome,
                    rows=here.rows,
                )


def _sides(dossier: Dossier) -> dict[tuple[str, tuple[str, str]], list[_Side]]:
    """By outcome and pair of treatments, what each study says at its last look."""
    found: dict[tuple[str, tuple[str, str]], list[_Side]] = {}
    place = {treatment: at for at, treatment in enumerate(dossier.treatments)}
    for group in _last_looks(dossier):
        if not group.has_distinct_arms:
            continue
        for one, other in combinations(group.arms, 2):
            a, b = sorted((one, other), key=lambda arm: place[arm.treatment])
            effect = _difference(a, b) if a.treatment != b.treatment else None
            if effect is not None:
                side = _Side(group.study, *effect, lines(a, b))
                found.setdefault((group.outcome.id, (a.treatment, b.treatment)), []).append(side)
    # A study with two arms of one treatment would stand against itself.
    return {key: sides for key, sides in found.items() if len({side.study.id for side in sides}) == len(sides)}


def _last_looks(dossier: Dossier) -> list[Group]:
    last: dict[tuple[str, str], Group] = {}
    for group in groups_of(dossier):
        if group.followup_weeks != 0:
            last[group.study.id, group.outcome.id] = group
    return list(last.values())


def _difference(a: Result, b: Result) -> tuple[float, float] | None:
    """More with `a` is above 0; with its variance."""
    if not a.n or not b.n:
        return None
    if a.events is not None and b.events is not None:
        cells = [float(cell) for cell in (a.events, a.n - a.events, b.events, b.n - b.events)]
        if min(cells) < 0:
            return None
        if 0.0 in cells:
            cells = [cell + 0.5 for cell in cells]
        effect, variance = log(cells[0] * cells[3] / (cells[1] * cells[2])), sum(1 / cell for cell in cells)
    elif a.mean is not None and b.mean is not None and a.sd and b.sd and min(a.n, b.n) > 1:
        pooled = sqrt(((a.n - 1) * a.sd**2 + (b.n - 1) * b.sd**2) / (a.n + b.n - 2))
        effect = (a.mean - b.mean) / pooled
        variance = 1 / a.n + 1 / b.n + effect**2 / (2 * (a.n + b.n))
    else:
        return None
    return effect, variance


def _leans(side: _Side) -> int:
    if abs(side.effect) <= _LEANS * sqrt(side.variance):
        return 0
    return 1 if side.effect > 0 else -1


def _chance_of_gap(one: _Side, other: _Side) -> float:
    return erfc(abs(one.effect - other.effect) / sqrt(2 * (one.variance + other.variance)))


CONTRADICTIONS = Check(name="contradiction", find=studies_that_contradict)
