"""Nothing that stands in a file can leave the text it stands in, and every number can be read by a browser."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.dossier.records import Words
from evenhand.figures.svg import Svg, coordinate, element, escape, isolated, join, label
from evenhand.words import Catalogue
from tests.figures.examples import HOSTILE
from tests.figures.reading import parsed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-0.0, "0"),
        (-0.004, "0"),
        (12.5, "12.5"),
        (12.0, "12"),
        (1 / 3, "0.33"),
        (-7.006, "-7.01"),
        (1000, "1000"),
    ],
)
def test_coordinates_are_short(value, written):
    assert coordinate(value) == written


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_has_no_place_is_refused(value):
    with pytest.raises(ValueError, match="cannot place"):
        coordinate(value)


@given(st.text())
def test_any_text_comes_back_as_text(text):
    drawn = element("text", text, data_name=text)
    node = parsed(drawn)
    assert list(node) == []
    # What XML forbids and what would turn a line round is gone; a reader of XML makes one line end of each kind.
    assert "\u202e" not in drawn
    assert escape(text).count("<") == 0


def test_hostile_text_stays_text():
    drawn = element("text", HOSTILE, title=HOSTILE)
    assert "<script" not in drawn
    assert "\x00" not in drawn
    assert list(parsed(drawn).attrib) == ["title"]


def test_markup_is_escaped_once():
    assert join("a & b", Svg("<g/>")) == "a &amp; b<g/>"
    assert element("g", element("text", "1 < 2")) == "<g><text>1 &lt; 2</text></g>"


def test_attributes_without_a_value_are_left_out():
    assert (
        element("g", class_="paint-harm", stroke_width=1.5, fill=None) == '<g class="paint-harm" stroke-width="1.5"/>'
    )


def test_arabic_words_are_isolated_and_english_ones_marked():
    arabic = Catalogue.load("ar")
    assert "\u2067سل\u2069" in label(Words("Tuberculosis", "سل"), 0, 0, arabic)
    untranslated = label(Words("Tuberculosis"), 0, 0, arabic)
    assert 'lang="en"' in untranslated
    assert "\u2067" not in untranslated


def test_a_name_cannot_end_its_own_isolation():
    assert isolated("a\u2069b\u2067") == "\u2068ab\u2069"
