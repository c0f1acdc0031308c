"""Numbers as people read them: whole people, both ends of a range, and never a false zero."""

import pytest

from evenhand.outlook.absolute import Interval
from evenhand.report.amounts import PER_1000, amount_range, change, change_range, figure, size_lead
from evenhand.words.catalogue import Catalogue

ENGLISH = Catalogue.load("en")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1000 / 3, "333"),
        (9.5, "10"),
        (9.4, "9"),
        (2.0, "2"),
        (0.996, "1"),
        (0.25, "0.25"),
        (0.0223, "0.022"),
        (0.0004, "less than 0.01"),
        (0.0, "0"),
        (-12.4, "−12"),
    ],
)
def test_people_of_1000(value: float, written: str) -> None:
    assert figure(ENGLISH, value, PER_1000) == written


def test_a_scale_keeps_its_digits() -> None:
    assert figure(ENGLISH, 2.3456, "points") == "2.35"


def test_changes_say_which_way() -> None:
    span = Interval(value=153.0, lower=-60.0, upper=420.0)
    assert change(ENGLISH, span.value, PER_1000) == "153 more"
    assert change_range(ENGLISH, span, PER_1000) == "60 fewer to 420 more"
    assert change(ENGLISH, -2.5, "points") == "2.5 lower"
    assert change(ENGLISH, 0.0, PER_1000) == "no difference"


def test_equal_ends_are_one_number() -> None:
    assert amount_range(ENGLISH, Interval(value=30.0, lower=30.1, upper=29.9), PER_1000) == "30"


@pytest.mark.parametrize(
    ("level", "value", "threshold", "unit", "sentence"),
    [
        ("high", 153.0, 50.0, PER_1000, "This happens to more people."),
        ("moderate", -153.0, 50.0, PER_1000, "This probably happens to fewer people."),
        ("low", 2.0, None, "points", "The figure may go up."),
        ("moderate", 20.0, 50.0, PER_1000, "It probably makes little or no difference."),
        ("low", 0.0, None, PER_1000, "It may make little or no difference."),
        (
            "very low",
            153.0,
            50.0,
            PER_1000,
            "The evidence is very uncertain. It cannot tell how much this changes, or which way.",
        ),
        (
            None,
            153.0,
            50.0,
            PER_1000,
            "The evidence is very uncertain. It cannot tell how much this changes, or which way.",
        ),
    ],
)
def test_fixed_wording_by_certainty(
    level: str | None, value: float, threshold: float | None, unit: str, sentence: str
) -> None:
    """Santesso et al. (2020), J Clin Epidemiol 119, 126-135, Table 2: plain, 'probably', 'may', 'very uncertain'."""
    difference = Interval(value=value, lower=value - 1, upper=value + 1)
    assert ENGLISH.say(size_lead(level, difference, threshold, unit)) == sentence
