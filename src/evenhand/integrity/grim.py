"""Means that no whole-number answers can have (GRIM).

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

Brown & Heathers (2017). Social Psychological and Personality Science 8, 363-369. The sum of n whole numbers is whole,
so their mean can only be a multiple of 1/n. Only outcomes whose dossier says `whole_numbers: true` are looked at. One
such mean may be a slip of the pen or a person without an answer, a concern; two in one study are serious.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor

from evenhand.dossier.records import Dossier
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.groups import groups_of, lines
from evenhand.integrity.printed import decimals, rounded
from evenhand.messages import message

_EPSILON = 1e-9


def possible_sums(mean: float, n: int, mean_printed: str | None = None) -> range:
    """The whole-number sums of n values whose mean rounds to the printed one; halves may go either way."""
    span = rounded(mean, mean_printed)
    return range(ceil(span.low * n - _EPSILON), floor(span.high * n + _EPSILON) + 1)


def impossible_means(dossier: Dossier) -> Iterator[Finding]:
    """Each mean of whole numbers that cannot be one."""
    found: dict[str, list[Finding]] = {}
    for group in groups_of(dossier):
        if not group.outcome.whole_numbers:
            continue
        for arm in group.arms:
            if arm.mean is None or not arm.n or possible_sums(arm.mean, arm.n, arm.mean_printed):
                continue
            digits = decimals(arm.mean, arm.mean_printed)
            below = floor(arm.mean * arm.n)
            finding = Finding(
                study=group.study.id,
                check="GRIM",
                severity=Severity.CONCERN,
                detail=message(
                    "integrity.grim.mean",
                    mean=arm.mean_printed or f"{arm.mean:g}",
                    n=arm.n,
                    arm=arm.arm,
                    below=f"{below / arm.n:.{digits}f}",
                    above=f"{(below + 1) / arm.n:.{digits}f}",
                ),
                outcome=group.outcome.id,
                rows=lines(arm),
            )
            found.setdefault(group.study.id, []).append(finding)
    for findings in found.values():
        severity = Severity.SERIOUS if len(findings) > 1 else Severity.CONCERN
        yield from (replace(finding, severity=severity) for finding in findings)


GRIM = Check(name="GRIM", find=impossible_means)
