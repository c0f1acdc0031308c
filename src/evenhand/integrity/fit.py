"""How a printed p-value stands to those that its figures give, and what that does to the trust in a study.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report

A printed p is possible if any test in use, one- or two-sided, gives a value that may have been rounded or cut off to
it; then nothing is said. Otherwise the two-sided values of all tests span a range, and it depends on where the printed
p lies, and on what it claims:

| the printed p | counts | means, or a printed difference |
|---|---|---|
| lies inside the range, or fits everyone randomised | note | note |
| is below 0.1 and less than half of the smallest: it claims far more than the figures | serious | concern |
| is from 0.1 and less than half of the smallest | concern | note |
| lies elsewhere outside the range, on the other side of 0.05 | concern | note |
| lies elsewhere outside the range, on the same side of 0.05 | note | note |

Counts hold all the data that a test of two arms can see. Means and standard deviations do not: ranks, or an adjustment
for the start, may give another p, so that a mismatch alone never counts as serious. Where both arms are the same people
(split-body, cross-over) a paired test was due, which the arms' own figures cannot give: nothing is said.
"""

from collections.abc import Sequence
from enum import StrEnum

from evenhand.integrity.finding import Severity
from evenhand.integrity.printed import Span
from evenhand.integrity.recomputed import Recomputed

# Two-sided tests on the same table rarely differ by more, so a larger gap is no matter of which test was chosen.
_FAR = 2.0
_SIGNIFICANT, _NEARLY_SIGNIFICANT = 0.05, 0.1


class Fit(StrEnum):
    """How a printed p stands to those recomputed."""

    POSSIBLE = "possible"
    BETWEEN = "between"
    NEAR = "near"
    CLAIMS_MORE = "claims more"  # far too small
    CLAIMS_LESS = "claims less"  # far too large


def fit(printed: Span, recomputed: Sequence[Recomputed]) -> Fit:
    """Whether some test gives the printed p, and if none does, how far off it is."""
    if any(printed.meets(test.two_sided) or printed.meets(test.one_sided) for test in recomputed):
        return Fit.POSSIBLE
    span = _two_sided(recomputed)
    if printed.meets(span):
        return Fit.BETWEEN
    if printed.high < span.low / _FAR:
        return Fit.CLAIMS_MORE
    return Fit.CLAIMS_LESS if printed.low > span.high * _FAR else Fit.NEAR


def severity(printed: Span, recomputed: Sequence[Recomputed], *, counts: bool) -> Severity:
    """The table above, for a printed p that is not possible."""
    how, span = fit(printed, recomputed), _two_sided(recomputed)
    if how is Fit.BETWEEN:
        step = 0
    elif how is Fit.CLAIMS_MORE:
        step = 2 if printed.low < _NEARLY_SIGNIFICANT else 1
    else:
        turns = (printed.high <= _SIGNIFICANT < span.low) or (span.high < _SIGNIFICANT <= printed.low)
        step = 1 if turns else 0
    return (Severity.NOTE, Severity.CONCERN, Severity.SERIOUS)[step if counts else max(0, step - 1)]


def _two_sided(recomputed: Sequence[Recomputed]) -> Span:
    """From the smallest to the largest two-sided p."""
    return Span(min(test.two_sided.low for test in recomputed), max(test.two_sided.high for test in recomputed))
