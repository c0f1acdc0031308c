"""Brown & Heathers (2017), Soc. Psychol. Personal. Sci. 8, 363-369, and what follows from whole numbers alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.integrity.finding import Severity
from evenhand.integrity.grim import GRIM, possible_sums
from evenhand.integrity.grimmer import GRIMMER, is_possible_sd
from evenhand.words.catalogue import Catalogue
from tests.builders import a_dossier, a_result, a_scale


def possible(mean, n):
    return bool(possible_sums(float(mean), n, mean))


def test_brown_and_heathers():
    # 5.19 of 28 answers: 145/28 = 5.1786 prints 5.18, 146/28 = 5.2143 prints 5.21.
    assert not possible("5.19", 28)
    assert possible("5.18", 28)
    assert possible("5.21", 28)


@pytest.mark.parametrize(
    ("mean", "n", "is_possible"),
    [
        ("3.48", 20, False),  # twenty throws of a die end on 0 or 5
        ("3.45", 20, True),
        ("5.27", 43, False),
        ("1.12", 8, True),  # 9/8 = 1.125 may be printed either way
        ("1.13", 8, True),
        ("-3.5", 2, True),
        ("3.5", 200, True),
        ("3.481", 2000, True),  # more people than the digits can tell apart
    ],
)
def test_means(mean, n, is_possible):
    assert possible(mean, n) is is_possible


def test_published_grimmer_example():
    """Mean 7.3 with SD 2.51 in 12 is impossible (Allard's analytic test, as shipped with R package scrutiny)."""
    assert possible("7.3", 12)
    assert not is_possible_sd(7.3, 2.51, 12, "7.3", "2.51")


def test_sd_below_what_the_sum_allows():
    # A sum of 7 in two people is at best 3 and 4: SD 0.71, or 0.5 with divisor n.
    assert is_possible_sd(3.5, 0.71, 2, "3.50", "0.71")
    assert is_possible_sd(3.5, 0.50, 2, "3.50", "0.50")
    assert not is_possible_sd(3.5, 0.30, 2, "3.50", "0.30")


@given(st.integers(0, 10_000), st.integers(2, 90), st.integers(0, 2), st.integers(0, 2), st.booleans())
@settings(max_examples=300, deadline=None)
def test_true_answers_are_never_flagged(seed, n, mean_digits, sd_digits, as_sample):
    answers = np.random.default_rng(seed).integers(-3, 12, n)
    mean, sd = f"{answers.mean():.{mean_digits}f}", f"{answers.std(ddof=int(as_sample)):.{sd_digits}f}"
    assert possible(mean, n)
    assert is_possible_sd(float(mean), float(sd), n, mean, sd)


def rows(*figures):
    return [a_result(outcome="score", arm=f"arm {n}", n=n, mean=mean, sd=sd, row=n) for mean, sd, n in figures]


WHOLE = a_scale("score", whole_numbers=True)


def test_one_slip_is_a_concern_and_says_the_neighbours():
    (finding,) = GRIM.find(a_dossier(rows(("5.19", "1.2", 28), ("4.32", "1.1", 25)), outcomes=[WHOLE]))
    assert finding.severity is Severity.CONCERN
    assert finding.rows == (28,)
    said = Catalogue.load("en").say(finding.detail)
    assert "5.19" in said
    assert "5.18 and 5.21" in said


def test_two_are_serious():
    found = list(GRIM.find(a_dossier(rows(("5.19", "1.2", 28), ("3.48", "1.1", 20)), outcomes=[WHOLE])))
    assert [finding.severity for finding in found] == [Severity.SERIOUS] * 2


@pytest.mark.parametrize("check", [GRIM, GRIMMER], ids=lambda check: check.name)
def test_a_scale_with_fractions_is_left_alone(check):
    assert list(check.find(a_dossier(rows(("5.19", "1.2", 28), ("7.3", "2.51", 12))))) == []


def test_grimmer_finding():
    (finding,) = GRIMMER.find(a_dossier(rows(("7.3", "2.51", 12)), outcomes=[WHOLE]))
    assert finding.severity is Severity.CONCERN
    assert "2.51" in Catalogue.load("en").say(finding.detail)


def test_grimmer_leaves_to_grim_what_grim_tells():
    assert list(GRIMMER.find(a_dossier(rows(("5.19", "9.87", 28)), outcomes=[WHOLE]))) == []
