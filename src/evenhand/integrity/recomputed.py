"""A p-value computed anew from printed figures.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass

from evenhand.integrity.printed import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What one test gives; a range, where the figures it starts from were rounded."""

    test: str  # the last part of a key of the catalogue: integrity.test.<test>
    two_sided: Span
    one_sided: Span  # in the direction the figures point


def of_normal_kind(test: str, low: float, high: float) -> Recomputed:
    """A test whose one-sided p is half the two-sided."""
    return Recomputed(test=test, two_sided=Span(low, high), one_sided=Span(low / 2, high / 2))
