"""Estimated widths against widths measured in a browser with Noto Sans, and lines that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.figures.text_width import text_width, wrapped


# Measured with getComputedTextLength() at font-size 100, Noto Sans and Noto Sans Arabic.
@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("South-East Asia, where many adults were never vaccinated", 2746),
        ("Comstock & Webster 1969", 1234),
        ("−1.9 (−3.4 to −0.6)", 827),
        ("الجرعة في الجلسة الواحدة", 996),
        ("لا تقدير ممكن دون إضافة أرقام إلى الخانات الصفرية", 2013),
        ("مقارنة بين مجموعات دون تعشية", 1295),
    ],
)
def test_width_is_near_the_browsers(text, measured):
    assert text_width(text, 100) == pytest.approx(measured, rel=0.12)


def test_marks_and_direction_controls_take_no_room():
    assert text_width("\u2067\u2069\u064b", 13) == 0


@given(st.text(max_size=80), st.floats(40, 300), st.integers(1, 4))
def test_lines_fit(text, room, most):
    lines = wrapped(text, 13, room, most)
    assert len(lines) <= most
    assert all(text_width(line, 13) <= room for line in lines)


def test_what_is_cut_says_so():
    assert wrapped("one two three four", 13, 70, 1) == ("one two …",)
    assert wrapped("unbreakable", 13, 40) == ("unb…",)
    assert wrapped("short", 13, 300) == ("short",)
    assert wrapped("", 13, 300) == ()
