"""What stands around a dependence picture: nothing that was left out of it goes unsaid."""

from dataclasses import replace

import pytest

from evenhand.report.html import render_html
from tests.report import assessments


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        (1, "At 1 place the formula gives no number; it is left out of the picture."),
        (4, "At 4 places the formula gives no number; they are left out of the picture."),
    ],
)
def test_places_without_a_number_are_said(left_out: int, sentence: str) -> None:
    drawn = assessments.drawn()
    curve = replace(drawn.dependences[0], without_number=left_out)
    assert sentence in render_html(replace(drawn, dependences=(curve,)), "en")
    assert "gives no number; " not in render_html(drawn, "en")
