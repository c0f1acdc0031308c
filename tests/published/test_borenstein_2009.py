"""Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to Meta-Analysis: the examples of chapters 4 and 5."""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.standardised_mean_difference import small_sample_correction
from tests.printed import printed

TREATED, CONTROL = (103.0, 5.5, 50.0), (100.0, 4.5, 50.0)


def estimate(name, *figures, **options):
    yi, vi = MEASURES[name].estimate(*(np.array([float(figure)]) for figure in figures), **options)
    return yi[0], vi[0]


def test_mean_difference():
    difference, variance = estimate("MD", *TREATED, *CONTROL, vtype="HO")
    assert difference == printed("3.0000")
    assert variance == printed("1.0100")


def test_standardised_mean_difference_uncorrected():
    d, variance = estimate("SMD", *TREATED, *CONTROL, correct=False)
    assert d == printed("0.5970")
    assert variance == printed("0.0418")


def test_hedges_g():
    g, variance = estimate("SMD", *TREATED, *CONTROL, vtype="LS2")
    assert g == printed("0.5924")
    assert variance == printed("0.0411")


def test_correction_is_close_to_the_approximation_the_book_uses():
    assert small_sample_correction(np.array([98.0]))[0] == pytest.approx(1 - 3 / (4 * 98 - 1), abs=1e-5)


@pytest.mark.parametrize(
    ("measure", "effect", "variance"),
    [
        ("RR", "-0.693", "0.2800"),  # the book's fourth decimal of the log is not rounded
        ("OR", "-0.7472", "0.3216"),
        ("RD", "-0.0500", "0.0014"),
    ],
)
def test_counts(measure, effect, variance):
    yi, vi = estimate(measure, 5, 100, 10, 100)
    assert yi == printed(effect)
    assert vi == printed(variance)
