"""Contrast as WCAG 2.2 computes it, from the palette itself, on the light page and on the dark one."""

import re

import pytest

from evenhand.dossier.records import Hand
from evenhand.figures.palette import BENEFIT, DASHES, HARM, LINES, PAINTS, PAPER, paint_of, stylesheet


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2, glossary."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_is_wcags():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("paint", PAINTS, ids=lambda paint: paint.name)
def test_contrast_with_the_page(paint):
    if paint.decoration:
        return
    least = 4.5 if paint.text else 3
    assert contrast(paint.light, PAPER.light) >= least
    assert contrast(paint.dark, PAPER.dark) >= least


def test_only_what_is_said_in_words_as_well_is_decoration():
    assert {paint.name for paint in PAINTS if paint.decoration} == {"paper", "rest", "grid"}


def test_every_line_has_its_own_colour_and_rhythm():
    assert len(DASHES) == len(set(DASHES)) == 1 + len(LINES) == 7
    for hand in Hand:
        colours = [paint_of(hand).light, *(paint.light for paint in LINES)]
        assert len(set(colours)) == len(colours)
    assert {BENEFIT, HARM}.isdisjoint(LINES)


def test_the_page_can_adapt_every_paint():
    css = stylesheet()
    dark = css.split("prefers-color-scheme:dark")[1].split("forced-colors")[0]
    forced = css.split("forced-colors")[1]
    for paint in PAINTS:
        assert f".paint-{paint.name}{{color:{paint.dark}}}" in dark
        assert f".paint-{paint.name}{{color:" in forced
    assert css.count("{") == css.count("}")
    assert not re.search(r"url\(|@import", css)
