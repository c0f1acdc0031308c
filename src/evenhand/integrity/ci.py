"""Confidence intervals that leave out their own estimate, or lean to one side of it.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

The interval of a mean or a difference lies evenly about it; that of a ratio does so on the log scale. Exact, profiled
and resampled intervals lean a little, so a lean is a note from a tenth of the width, and a concern where one side is
more than twice the other; Newcombe's interval of a difference of proportions leans by design and is only held to the
latter. An estimate outside its interval is serious. Rounding is granted to every figure.
"""

from collections.abc import Iterator
from math import log

from evenhand.dossier.records import Dossier, OutcomeType, Result
from evenhand.integrity.check import Check
from evenhand.integrity.finding import Finding, Severity
from evenhand.integrity.groups import Group, groups_of, is_ratio, lines
from evenhand.integrity.printed import Span, rounded
from evenhand.messages import Message, message

_LEANS, _LEANS_FAR = 0.1, 1 / 3


def impossible_intervals(dossier: Dossier) -> Iterator[Finding]:
    """Each interval that cannot belong to its estimate."""
    for group in groups_of(dossier):
        for row in (*group.arms, *group.differences):
            judged = _judge(row, group)
            if judged is not None:
                severity, detail = judged
                yield Finding(
                    study=group.study.id,
                    check="interval",
                    severity=severity,
                    detail=detail,
                    outcome=group.outcome.id,
                    rows=lines(row),
                )


def _judge(row: Result, group: Group) -> tuple[Severity, Message] | None:
    if row.mean is None or row.ci_lower is None or row.ci_upper is None:
        return None
    estimate, lower, upper = rounded(row.mean, row.mean_printed), rounded(row.ci_lower), rounded(row.ci_upper)
    figures = {"estimate": row.mean, "lower": row.ci_lower, "upper": row.ci_upper}
    if estimate.high < lower.low or estimate.low > upper.high:
        return Severity.SERIOUS, message("integrity.ci.outside", **figures)
    ratio = is_ratio(group.outcome) if row.comparator is not None else False
    plain = lean(estimate, lower, upper)
    on_logs = plain
    if ratio is not False and min(estimate.low, lower.low) > 0:
        on_logs = lean(*(Span(log(span.low), log(span.high)) for span in (estimate, lower, upper)))
    # Where the dossier does not say which scale it is, the milder one counts.
    leans = on_logs if ratio else plain if ratio is False else min(plain, on_logs)
    of_proportions = group.outcome.type is OutcomeType.BINARY and not ratio
    if leans <= (_LEANS_FAR if of_proportions else _LEANS):
        return None
    key = "wrong_scale" if ratio and plain <= _LEANS else "ratio" if ratio else "leans"
    return Severity.CONCERN if leans > _LEANS_FAR else Severity.NOTE, message(f"integrity.ci.{key}", **figures)


def lean(estimate: Span, lower: Span, upper: Span) -> float:
    """By how much of the width one side is longer than the other, at the least that rounding allows; 0 is even."""
    below = Span(max(0.0, estimate.low - lower.high), estimate.high - lower.low)
    above = Span(max(0.0, upper.low - estimate.high), upper.high - estimate.low)
    if below.meets(above):
        return 0.0
    longer, shorter = (below, above) if below.low > above.high else (above, below)
    # One estimate ends both sides: what rounding takes from the longer it gives to the shorter.
    return max(0.0, (longer.low - shorter.high) / (longer.low + shorter.high))


INTERVAL = Check(name="interval", find=impossible_intervals)
