"""The door for columns: what is impossible is refused with study, value and mend; what is unlikely is said."""

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.effect_sizes import effect_sizes
from evenhand.effects.zero_cells import HALF_WHERE_ZERO
from evenhand.words.catalogue import LANGUAGES, Catalogue

COUNTS = {"events_t": [6, 0], "n_t": [16, 20], "events_c": [3, 4], "n_c": [16, 20]}
MEANS = {"mean_t": [7.2], "sd_t": [5.5], "n_t": [25], "mean_c": [11.6], "sd_c": [7.9], "n_c": [25]}


def test_gives_what_the_measure_gives():
    sizes = effect_sizes("or", studies=["Lee 2001", "Park 2004"], zero_cells=HALF_WHERE_ZERO, **COUNTS)
    yi, vi = MEASURES["OR"].estimate(
        *(np.array(column, dtype=float) for column in COUNTS.values()), zero_cells=HALF_WHERE_ZERO
    )
    np.testing.assert_array_equal((sizes.yi, sizes.vi), (yi, vi))
    assert (sizes.studies, sizes.measure.name, sizes.doubts) == (("Lee 2001", "Park 2004"), "OR", ())


def test_the_order_of_the_columns_does_not_matter():
    turned = dict(reversed(COUNTS.items()))
    np.testing.assert_array_equal(effect_sizes("RD", **turned).yi, effect_sizes("RD", **COUNTS).yi)


def test_not_reported_is_not_zero():
    assert np.isnan(effect_sizes("RD", **{**COUNTS, "events_t": [6, None]}).yi[1])


@pytest.mark.parametrize(
    ("measure", "columns", "said"),
    [
        ("OR", {**COUNTS, "events_t": [17, 0]}, "Lee: events_t is 17, more than n_t; compare events_t and n_t"),
        ("OR", {**COUNTS, "events_t": [6, -1]}, "Park: events_t is -1, below 0"),
        ("OR", {**COUNTS, "events_t": [6, 0.5]}, "Park: events_t is 0.5, no whole count"),
        ("OR", {**COUNTS, "n_c": [16, 0], "events_c": [3, 0]}, "Park: n_c is 0, not above 0"),
        ("OR", {**COUNTS, "n_c": [16, np.inf]}, "Park: n_c is inf"),
        ("OR", {**COUNTS, "n_c": [16, "twenty"]}, r"n_c\[1\] = 'twenty': not a number; write a number"),
        ("OR", {**COUNTS, "n_c": [16, 20, 20]}, "columns differ in length"),
        ("OR", {**COUNTS, "events_1": [6, 0]}, "events_1 is not known"),
        ("OR", {"events_t": [6, 0]}, "n_t is missing"),
        ("MD", {**MEANS, "sd_t": [-5.5]}, "Lee: sd_t is -5.5, below 0; copy it from the source again"),
        ("COR", {"r": [1.3], "n": [20]}, "r is 1.3, beyond"),
        ("PR", {"events": [9], "n": [8]}, "events is 9, more than n"),
        ("HR", {"ratio": [-0.35], "ci_lower": [-0.7], "ci_upper": [0.01]}, "not its logarithm"),
        ("HR", {"ratio": [2.0], "ci_lower": [0.5], "ci_upper": [1.0]}, "ratio is 2, outside its interval"),
        ("GEN", {"yi": [0.1], "vi": [-0.2]}, "vi is -0.2, below 0"),
        ("IRR", {"events_t": [3], "time_t": [0], "events_c": [4], "time_c": [50]}, "time_t is 0, not above 0"),
    ],
)
def test_refuses_with_study_value_and_mend(measure, columns, said):
    names = ["Lee", "Park"][: max(len(column) for column in columns.values())]
    with pytest.raises(ValueError, match=said):
        effect_sizes(measure, studies=names, **columns)


def test_all_faults_come_at_once():
    with pytest.raises(ValueError, match=r"(?s)row 1: .*row 2: "):
        effect_sizes("OR", **{**COUNTS, "events_t": [17, -1]})


def test_adjusted_counts_are_let_in_where_that_is_said():
    assert np.isfinite(effect_sizes("OR", whole=False, **{**COUNTS, "events_t": [5.4, 2.5]}).yi).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_standard_error_taken_for_a_deviation_is_doubted(language):
    (doubt,) = effect_sizes("MD", studies=["Lee 2001"], **{**MEANS, "sd_t": [1.1], "sd_c": [1.58]}).doubts
    assert doubt.params["size"] == pytest.approx(3.2)
    assert "Lee 2001" in Catalogue.load(language).text(doubt.key, **doubt.params)
    assert effect_sizes("MD", **MEANS).doubts == ()
