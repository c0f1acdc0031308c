"""One arm's mean, spread and size as printed, each as wide as its rounding.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass
from math import sqrt

from evenhand.dossier.records import Result
from evenhand.integrity.printed import Span, rounded


@dataclass(frozen=True, slots=True)
class Summary:
    """One arm as printed."""

    mean: Span
    sd: Span
    n: int


def summary_of(row: Result) -> Summary | None:
    """A row's mean, spread and number of people, where it has all three."""
    if row.mean is None or row.n is None or row.n < 2:
        return None
    mean = rounded(row.mean, row.mean_printed)
    if row.sd is not None:
        return Summary(mean, rounded(row.sd, row.sd_printed), row.n)
    if row.se is None:
        return None
    se = rounded(row.se)
    return Summary(mean, Span(se.low * sqrt(row.n), se.high * sqrt(row.n)), row.n)
