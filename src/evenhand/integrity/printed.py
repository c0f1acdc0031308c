"""Printed figures as what they are: ranges, as wide as their rounding.

Pipeline: dossier → [integrity] → effects → synthesis → certainty → outlook → verdicts → report
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# Slack for arithmetic in binary, far below any printed digit.
_EPSILON = 1e-9

_P_VALUE = re.compile(
    r"^p?\s*(?:-?\s*value)?\s*(?P<sign><=|>=|[<>=≤≥])?\s*(?P<figure>[0-9]*[.][0-9]+|[01])$", re.IGNORECASE
)
_NOT_SIGNIFICANT = frozenset({"ns", "n.s.", "n.s", "not significant", "nonsignificant", "non-significant"})


@dataclass(frozen=True, slots=True)
class Span:
    """All values from `low` to `high`."""

    low: float
    high: float

    def meets(self, other: "Span") -> bool:
        """Whether some value lies in both."""
        return self.low <= other.high + _EPSILON and other.low <= self.high + _EPSILON

    def holds(self, value: float) -> bool:
        """Whether the value lies in it."""
        return self.low - _EPSILON <= value <= self.high + _EPSILON


def decimals(figure: float, text: str | None = None) -> int:
    """Digits after the point, as printed; without the text the fewest that write the figure.

    A trailing zero is lost with the text ('1.20' is 1.2), which makes the range wider and a check milder.
    """
    exponent = Decimal(repr(float(figure))).normalize().as_tuple().exponent
    if text is not None:
        with suppress(InvalidOperation):
            exponent = Decimal(_plain(text)).as_tuple().exponent
    return max(0, -int(exponent))


def rounded(figure: float, text: str | None = None) -> Span:
    """What may have been rounded to a printed figure: half a unit of its last digit either way."""
    half = 0.5 * 10.0 ** -decimals(figure, text)
    return Span(figure - half, figure + half)


def rounded_or_cut(figure: float, text: str | None = None) -> Span:
    """What may have been rounded to a printed figure above zero, or cut off to it."""
    unit = 10.0 ** -decimals(figure, text)
    # What is cut off is less than a whole unit: 25 does not print as 24.
    return Span(figure - 0.5 * unit, figure + 0.999999 * unit)


def percent(text: str) -> float | None:
    """A printed percentage; None where it is no plain figure."""
    try:
        return float(Decimal(_plain(text).rstrip("%").strip()))
    except InvalidOperation:
        return None


def p_value(text: str) -> Span | None:
    """The p-values that a printed one may stand for; None where it cannot be read.

    '0.054' may have been rounded or cut off; '<0.001' is all below; 'ns' is all from 0.05.
    """
    plain = _plain(text)
    if plain.lower() in _NOT_SIGNIFICANT:
        return Span(0.05, 1.0)
    match = _P_VALUE.match(plain)
    if match is None or not 0 <= float(match["figure"]) <= 1:
        return None
    figure = float(match["figure"])
    sign = match["sign"] or "="
    if sign in ("<", "<=", "≤"):
        return Span(0.0, figure)
    if sign in (">", ">=", "≥"):
        return Span(figure, 1.0)
    span = rounded_or_cut(figure, match["figure"])
    return Span(max(0.0, span.low), min(1.0, span.high))


def say_p(text: str) -> str:
    """A printed p-value with its letter: 'p = 0.054', 'p < 0.001', 'p: ns'."""
    match = _P_VALUE.match(_plain(text))
    return f"p: {text.strip()}" if match is None else f"p {match['sign'] or '='} {match['figure']}"


def is_exact(text: str) -> bool:
    """Whether a p-value is printed as a figure, not as a bound."""
    span = p_value(text)
    return span is not None and span.high < 1.0 and not _plain(text).lstrip("pP ").startswith(("<", "≤", ">", "≥"))


def _plain(text: str) -> str:
    """Decimal comma or raised point as a point, true minus as a hyphen, no outer blanks."""
    return text.strip().replace(",", ".").replace("·", ".").replace("−", "-")
