"""One thousand people: counted one by one in the drawing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.dossier.records import Hand, Words
from evenhand.figures import people_array, people_panels, people_picture
from evenhand.figures.palette import HARM
from evenhand.outlook.absolute import Interval
from evenhand.words import Catalogue
from tests.figures.reading import desc_of, parsed, people_by_look, plain, texts_of

EN, AR = Catalogue.load("en"), Catalogue.load("ar")


def interval(value, lower, upper):
    return Interval(value=value, lower=lower, upper=upper)


def array(value, catalogue=EN):
    return people_array(value, key="k", title="Rash", paint=HARM, catalogue=catalogue)


@pytest.mark.parametrize(
    ("value", "filled", "striped", "outlined"),
    [
        (interval(30, 12, 64), 12, 18, 34),
        (interval(375, 180, 610), 180, 195, 235),
        (interval(1000, 1000, 1000), 1000, 0, 0),
        (interval(999.6, 990.2, 1200), 990, 10, 0),
        (interval(2.4, 0.3, 7.5), 0, 2, 6),
        (interval(0, 0, 0), 0, 0, 0),
    ],
)
def test_people_are_as_many_as_the_numbers_say(value, filled, striped, outlined):
    people = people_by_look(array(value))
    assert people.get(("paint-harm", "currentColor"), 0) == filled
    assert people.get(("paint-harm", "url(#k-stripes)"), 0) == striped
    assert people.get(("paint-harm", "none"), 0) == outlined
    assert people.get(("paint-rest", "currentColor"), 0) == 1000 - filled - striped - outlined


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1000), min_size=3, max_size=3).map(sorted))
def test_there_are_always_a_thousand(limits):
    lower, value, upper = limits
    svg = array(interval(value, lower, upper))
    partial = 1 if round_half_up(value) == 0 and value > 0 else 0
    assert sum(people_by_look(svg).values()) + partial == 1000
    assert len(svg.encode()) < 12_000


def round_half_up(x):
    return int(x + 0.5)


@pytest.mark.parametrize("value", [interval(0.02, 0.001, 0.3), interval(0.4, 0.0, 6.2)])
def test_fewer_than_one_does_not_vanish(value):
    svg = array(value)
    assert "fewer than 1 of 1,000 people" in desc_of(svg)
    ring = [node for node in parsed(svg).iter() if node.tag.endswith("circle")]
    assert len(ring) == 1
    assert sum(people_by_look(svg).values()) == 999
    assert "أقل من 1" in plain(desc_of(array(value, AR)))


def test_zero_is_zero_and_unmeasured_is_not():
    zero, unmeasured = array(interval(0, 0, 0)), array(None)
    assert desc_of(zero) == "0 of 1,000 people"
    assert people_by_look(zero) == {("paint-rest", "currentColor"): 1000}
    assert desc_of(unmeasured) == "Nobody has measured it"
    assert people_by_look(unmeasured) == {}
    assert "paint-harm" not in unmeasured
    assert texts_of(unmeasured) == ["?"]
    assert texts_of(array(None, AR)) == ["؟"]


def test_words_hold_the_numbers_in_both_languages():
    value = interval(30.4, 12.2, 63.9)
    assert desc_of(array(value)) == "30 of 1,000 people (12 to 64)"
    arabic = plain(desc_of(array(value, AR)))
    assert all(number in arabic for number in ("30", "1,000", "12", "64"))


def test_arabic_counts_from_the_right():
    value = interval(30, 12, 64)
    assert "matrix(-1 0 0 1" in array(value, AR)
    assert "matrix(" not in array(value)


def panels(without, with_treatment, catalogue=EN):
    return people_panels(
        key="k",
        without=without,
        with_treatment=with_treatment,
        hand=Hand.HARM,
        catalogue=catalogue,
        outcome=Words("Rash", "طفح"),
    )


def test_both_panels_have_one_size():
    both = panels(interval(20, 10, 30), interval(50, 28, 94))
    assert parsed(both.without.svg).get("viewBox") == parsed(both.with_treatment.svg).get("viewBox")
    unmeasured = panels(None, interval(50, 28, 94))
    assert parsed(unmeasured.without.svg).get("viewBox") == parsed(both.without.svg).get("viewBox")
    assert not unmeasured.without.measured


def test_the_key_explains_the_signs_that_occur_and_no_others():
    assert len(panels(interval(20, 10, 30), interval(50, 28, 94)).legend) == 4
    assert [entry.words for entry in panels(None, interval(50, 50, 50)).legend] == [
        "at least this many people",
        "people who would not have it",
    ]
    assert panels(None, None).legend == ()
    assert "fewer than 1 person of 1,000" in [entry.words for entry in panels(None, interval(0.1, 0, 0.2)).legend]


@pytest.mark.parametrize("catalogue", [EN, AR], ids=["en", "ar"])
def test_the_pair_says_both_numbers(catalogue):
    svg = people_picture(
        key="k",
        without=interval(20, 12, 31),
        with_treatment=interval(50, 28, 94),
        hand=Hand.HARM,
        catalogue=catalogue,
        outcome=Words("Rash", "طفح"),
    )
    desc = plain(desc_of(svg))
    assert all(number in desc for number in ("20", "12", "31", "50", "28", "94"))
    assert sum(people_by_look(svg).values()) == 2000
    assert len(svg.encode()) < 24_000
