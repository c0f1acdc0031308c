"""Numbers as a figure writes them: people of 1,000, values with a unit, intervals.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

import math

from evenhand.outlook.absolute import Interval
from evenhand.outlook.people import PEOPLE
from evenhand.words.catalogue import Catalogue, Raw

PER_1000 = "per 1000"  # outlook's unit of a binary outcome
_LARGEST_SHOWN, _SMALLEST_SHOWN = 9999.0, 0.001


def whole_people(count: float) -> int:
    """People of 1,000, to the nearest whole person (halves up), from 0 to 1,000."""
    return int(min(PEOPLE, max(0.0, math.floor(count + 0.5))))


def people_number(count: float, catalogue: Catalogue) -> str:
    """`30`, or `fewer than 1` for a count that is small but not zero."""
    if 0 < count < 1:
        return catalogue.text("figures.people.fewer_than_1")
    return catalogue.number(math.copysign(math.floor(abs(count) + 0.5), count))


def people_range(lower: float, upper: float, catalogue: Catalogue) -> str:
    """`12 to 64`; one number where both ends read the same."""
    low, high = people_number(lower, catalogue), people_number(upper, catalogue)
    return low if low == high else catalogue.interval(low, high)


def people_words(value: Interval, catalogue: Catalogue) -> str:
    """`30 of 1,000 people (12 to 64)`; without brackets where nothing is uncertain."""
    number = people_number(value.value, catalogue)
    span = people_range(value.lower, value.upper, catalogue)
    key = "figures.people.count" if span == number else "figures.people.count_and_range"
    return catalogue.text(key, number=Raw(number), range=Raw(span), people=int(PEOPLE))


def amount(value: float, unit: str, catalogue: Catalogue) -> str:
    """A number as an axis or a bar shows it: people whole, other units to three figures."""
    return people_number(value, catalogue) if unit == PER_1000 else catalogue.number(three_figures(value))


def amount_and_range(value: Interval, unit: str, catalogue: Catalogue) -> str:
    """`30 (12 to 64)` in the unit of a table's heading."""
    if value.lower == value.value == value.upper:
        return amount(value.value, unit, catalogue)
    figures = (value.value, value.lower, value.upper)
    if unit == PER_1000:
        number, lower, upper = (people_number(figure, catalogue) for figure in figures)
    else:
        digits = common_digits(*figures)
        number, lower, upper = (catalogue.number(figure, digits) for figure in figures)
    if lower == number == upper:
        return number
    return with_range(number, catalogue.interval(lower, upper), catalogue)


def with_range(number: str, span: str, catalogue: Catalogue) -> str:
    """A number and, in brackets, its interval; both already written."""
    return catalogue.text("figures.with_range", number=Raw(number), range=Raw(span))


def common_digits(*values: float) -> int:
    """Decimals that give the largest of some numbers three figures, so that all of them can be written alike."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 0 if largest == 0 else max(0, min(6, 2 - math.floor(math.log10(largest))))


def ratio_number(value: float, catalogue: Catalogue) -> str:
    """A ratio to about three figures: two decimals below ten; tiny and huge ones as a bound."""
    if value == 0 or not math.isfinite(value):
        return catalogue.number(value)
    if value > _LARGEST_SHOWN:
        return catalogue.text("figures.forest.more_than", number=Raw(catalogue.number(_LARGEST_SHOWN)))
    if 0 < value < _SMALLEST_SHOWN:
        return catalogue.text("figures.forest.less_than", number=Raw(catalogue.number(_SMALLEST_SHOWN)))
    return catalogue.number(value, 3 if value < 0.01 else 2 if value < 10 else 1 if value < 100 else 0)


def three_figures(value: float) -> float:
    """A value to three significant figures, so that tiny and huge ones stay readable; whole numbers are kept."""
    return float(value) if value == 0 or abs(value) >= 1000 else float(f"{value:.3g}")
