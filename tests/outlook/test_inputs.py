"""Draws shared by name: the same input is the same uncertainty wherever it stands."""

import numpy as np
import pytest

from evenhand.distributions import Beta, Normal
from evenhand.outlook.inputs import Inputs, comparator_scenario, stream


@pytest.fixture
def inputs(example_dossier):
    return Inputs.of(example_dossier, 500, seed=1)


def test_a_parameter_has_one_set_of_draws(inputs, example_dossier):
    again = Inputs.of(example_dossier, 500, seed=1)
    assert inputs.parameter("infection_risk") is inputs.parameter("infection_risk")
    np.testing.assert_array_equal(inputs.parameter("infection_risk"), again.parameter("infection_risk"))


def test_another_seed_or_name_draws_anew(inputs, example_dossier):
    other = Inputs.of(example_dossier, 500, seed=2)
    assert not np.array_equal(inputs.parameter("infection_risk"), other.parameter("infection_risk"))
    assert not np.array_equal(inputs.draw("a", Normal(0, 1)), inputs.draw("b", Normal(0, 1)))


def test_streams_do_not_depend_on_who_drew_before():
    first = stream(7, "reuse").normal(size=3)
    stream(7, "another").normal(size=100)
    np.testing.assert_array_equal(first, stream(7, "reuse").normal(size=3))


def test_later_values_win_and_a_name_means_a_parameter(inputs):
    values = inputs.variables(("reuse", "sessions"), {"reuse": 0.0, "sessions": 3}, {"reuse": "reused_needles"})
    assert values["sessions"] == 3.0
    np.testing.assert_array_equal(values["reuse"], inputs.parameter("reused_needles"))


@pytest.mark.parametrize(
    ("values", "sessions"),
    [({"sessions_per_week": 2, "weeks": 6}, 12), ({"sessions_per_week": 2, "weeks": 6, "sessions": 5}, 5)],
)
def test_sessions_follow_from_the_regimen_unless_given(inputs, values, sessions):
    assert inputs.variables(("sessions",), values)["sessions"] == sessions


def test_what_lacks_a_value_is_named(inputs):
    assert inputs.lacks(("reuse", "infection_risk", "sessions"), {"weeks": 6}) == ("reuse", "sessions")


def test_the_inputs_behind_a_formula(inputs):
    names = ("reuse", "infection_risk", "sessions")
    used = inputs.used(names, {"reuse": "reused_needles", "sessions": 6})
    assert [item.name for item in used] == ["infection_risk", "reused_needles"]
    assert [item.name for item in inputs.used(names, {"reuse": 0.0})] == ["infection_risk"]


def test_a_dossier_may_lack_a_scenario_without_treatment(example_dossier):
    assert comparator_scenario(example_dossier, "nothing") is None


def test_a_quantity_alone_is_drawn_without_chance():
    """One draw from each of 16,000 slices: its limits are those of the distribution itself."""
    drawn = Inputs({}, 16_000, 7).draw("risk", Beta(3.5, 13.5))
    exact = [Beta(3.5, 13.5).quantile(p) for p in (0.025, 0.5, 0.975)]
    assert np.quantile(drawn, [0.025, 0.5, 0.975]) == pytest.approx(exact, rel=2e-3)


def test_two_quantities_go_along_as_far_as_they_are_told_to():
    inputs = Inputs({}, 20_000, 7)
    one = inputs.draw("one", Normal(0.0, 1.0))
    other = inputs.draw_with("other", Normal(5.0, 2.0), "one", -0.6)
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(-0.6, abs=0.02)
    assert (other.mean(), other.std()) == pytest.approx((5.0, 2.0), abs=0.05)
