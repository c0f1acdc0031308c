"""Percentages that no number of people gives.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

A printed percentage may have been rounded or cut off. It is a concern where it is not that of the printed count, or,
with no count, that of any count among the people analysed; a note where it is right for all who were randomised.
"""

from collections.abc import Iterator
from math import ceil, floor

from evenhand.dossier.records import Dossier, Result
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.groups import groups_of, lines
from evenhand.integrity.printed import Span, percent, rounded_or_cut
from evenhand.messages import Message, message


def impossible_percentages(dossier: Dossier) -> Iterator[Finding]:
    """Each percentage that does not follow from its people."""
    for group in groups_of(dossier):
        for arm in group.arms:
            judged = _judge(arm)
            if judged is not None:
                severity, detail = judged
                yield Finding(
                    study=group.study.id,
                    check="percentage",
                    severity=severity,
                    detail=detail,
                    outcome=group.outcome.id,
                    rows=lines(arm),
                )


def _judge(arm: Result) -> tuple[Severity, Message] | None:
    figure = None if arm.percent is None else percent(arm.percent)
    if figure is None or arm.percent is None or not arm.n:
        return None
    printed = rounded_or_cut(figure, arm.percent.strip().rstrip("%").strip())
    text = arm.percent.strip().rstrip("%").strip()
    if arm.events is not None:
        if printed.holds(100 * arm.events / arm.n):
            return None
        if arm.n_randomised and printed.holds(100 * arm.events / arm.n_randomised):
            return Severity.NOTE, message(
                "integrity.percentages.randomised", printed=text, events=arm.events, n=arm.n_randomised, analysed=arm.n
            )
        return Severity.CONCERN, message(
            "integrity.percentages.events",
            printed=text,
            events=arm.events,
            n=arm.n,
            percent=round(100 * arm.events / arm.n, 2),
        )
    if counts_with(printed, arm.n):
        return None
    if arm.n_randomised and counts_with(printed, arm.n_randomised):
        return Severity.NOTE, message(
            "integrity.percentages.only_randomised", printed=text, n=arm.n, randomised=arm.n_randomised
        )
    return Severity.CONCERN, message("integrity.percentages.no_count", printed=text, n=arm.n)


def counts_with(percentages: Span, n: int) -> range:
    """The counts among n people whose percentage lies in the span."""
    low = ceil(percentages.low * n / 100 - 1e-9)
    high = floor(percentages.high * n / 100 + 1e-9)
    return range(max(0, low), min(n, high) + 1)


PERCENTAGES = Check(name="percentage", find=impossible_percentages)
