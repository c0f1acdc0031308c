"""How much, in words and figures: people of 1,000 or points on a scale, always with both ends of the interval.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

import math

from evenhand.messages import Message, message
from evenhand.outlook.absolute import Absolute, Interval
from evenhand.outlook.absolutes import PER_PEOPLE
from evenhand.words.catalogue import Catalogue, Raw

PER_1000 = PER_PEOPLE  # the unit of a counted outcome, by the name its sentences use
_SMALLEST = 0.01  # people of 1,000: one in 100,000; below it a figure would be a show of precision


def figure(catalogue: Catalogue, value: float, unit: str) -> Raw:
    """One number: whole people from 1 on, two figures below; a scale's value as it is."""
    if unit != PER_1000:
        return Raw(catalogue.number(value))
    size = abs(value)
    if size >= 0.995:
        # Halves go up, as in the pictures of people.
        return Raw(catalogue.number(math.copysign(math.floor(size + 0.5), value)))
    if size == 0 or size >= _SMALLEST:
        places = 2 if size >= 0.0995 or size == 0 else 3
        return Raw(catalogue.number(round(value, places)))
    return Raw(catalogue.text("report.amount.below", limit=_SMALLEST))


def amount_range(catalogue: Catalogue, interval: Interval, unit: str) -> Raw:
    """`12 to 64`; one number where both ends read alike."""
    lower, upper = figure(catalogue, interval.lower, unit), figure(catalogue, interval.upper, unit)
    return lower if lower == upper else Raw(catalogue.interval(lower, upper))


def change(catalogue: Catalogue, value: float, unit: str) -> Raw:
    """`60 more`, `3 fewer`, `2.1 higher`, `no difference`."""
    if value == 0:
        return Raw(catalogue.text("report.amount.no_difference"))
    more, fewer = ("more", "fewer") if unit == PER_1000 else ("higher", "lower")
    return Raw(
        catalogue.text(f"report.amount.{more if value > 0 else fewer}", count=figure(catalogue, abs(value), unit))
    )


def change_range(catalogue: Catalogue, interval: Interval, unit: str) -> Raw:
    """`60 fewer to 480 more`; one phrase where both ends read alike."""
    lower, upper = change(catalogue, interval.lower, unit), change(catalogue, interval.upper, unit)
    return lower if lower == upper else Raw(catalogue.interval(lower, upper))


def value_of(absolute: Absolute | None) -> Interval | None:
    """The value to show, where there is a finite one."""
    if absolute is None or absolute.value is None or not math.isfinite(absolute.value.value):
        return None
    return absolute.value


def is_number(absolute: Absolute | None) -> bool:
    """Whether there is a value to show."""
    return value_of(absolute) is not None


def size_lead(level_word: str | None, difference: Interval | None, threshold: float | None, unit: str) -> Message:
    """How sure and which way, in the fixed wording of Santesso et al. (2020), J Clin Epidemiol 119, 126-135, Table 2.

    A difference smaller than the outcome's threshold is 'little or no difference'; very low certainty says nothing of
    the direction, whatever the number.
    """
    if level_word in (None, "very low") or difference is None:
        return message("report.size.very_low")
    if difference.value == 0 or (threshold is not None and abs(difference.value) < threshold):
        way = "little"
    else:
        more, fewer = ("more", "fewer") if unit == PER_1000 else ("higher", "lower")
        way = more if difference.value > 0 else fewer
    return message(f"report.size.{way}.{level_word}")
