"""Covariance of effects that share people: metafor's `vcalc` and `rcalc`, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from evenhand.effects.covariance import block_covariance
from evenhand.effects.dependent_correlations import covariance_of_correlations
from tests.conftest import golden

PINNED = json.loads((Path(__file__).parents[1] / "reference" / "sampling_covariance.json").read_text(encoding="utf-8"))
ROWS = PINNED["data"]
ARMS = {"arm_t": ROWS["g1"], "arm_c": ROWS["g2"]}
SIZES = {"n_t": ROWS["w1"], "n_c": ROWS["w2"]}
ASKED = {
    "construct_observation": {
        "construct": ROWS["ty"],
        "observation": ROWS["obs"],
        "rho": 0.6,
        "rho_between": {("a", "b"): 0.4},
    },
    "construct": {"construct": ROWS["ty"], "rho": 0.5},
    "observation_time": {"observation": ROWS["obs"], "time": ROWS["t"], "rho": 0.5, "phi": 0.9},
    "arms": ARMS,
    "arms_sizes": {**ARMS, **SIZES},
    "arms_construct": {**ARMS, **SIZES, "construct": ROWS["ty"], "rho": 0.5},
    "subgroup_construct": {"subgroup": ROWS["sg"], "construct": ROWS["ty"], "rho": 0.5},
    "arms_time_observation": {
        **ARMS,
        **SIZES,
        "observation": ROWS["obs"],
        "time": ROWS["t"],
        "rho": {("1", "2"): 0.6},
        "phi": 0.9,
    },
}


@pytest.mark.parametrize("case", [case for case in golden("multilevel.json") if case["task"] == "vcalc"], ids=str)
def test_agrees_with_the_shared_reference(case):
    options = case["options"]
    ours = {"obs": "observation", "time1": "time"}
    asked = {
        ours.get(name, name): case["data"][value] if name in ours else value
        for name, value in options.items()
        if name != "cluster"
    }
    V = block_covariance(case["data"]["vi"], case["data"][options["cluster"]], **asked)
    np.testing.assert_allclose(V.dense(), case["expected"]["V"], rtol=1e-12, atol=1e-16)


def test_every_shared_case_was_asked():
    assert len([case for case in golden("multilevel.json") if case["task"] == "vcalc"]) == 2


@pytest.mark.parametrize("name", ASKED)
def test_agrees_with_what_was_pinned(name):
    V = block_covariance(ROWS["vi"], ROWS["cl"], **ASKED[name])
    np.testing.assert_allclose(V.dense(), PINNED["V"][name], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(V.variances, ROWS["vi"])


def test_change_within_people():
    V = block_covariance(
        [0.1, 0.2, 0.15], [1, 1, 1], arm_t=[1, 1, 1], arm_c=[1, 1, 1], time=[2, 3, 5], time_c=[1, 1, 1], phi=0.8
    )
    np.testing.assert_allclose(V.dense(), PINNED["V"]["within_people"], rtol=1e-12)


def test_only_blocks_are_kept():
    k = 20_000
    V = block_covariance(np.full(k, 0.1), np.arange(k) // 2, observation=np.arange(k) % 2, rho=0.6)
    assert sum(matrix.size for _, matrix in V.blocks) == 2 * k
    assert V.singular == ()


def test_rows_of_a_cluster_need_not_stand_together():
    together = block_covariance([1.0, 4.0, 9.0], ["x", "x", "y"], observation=[1, 2, 1], rho=0.5).dense()
    apart = block_covariance([1.0, 9.0, 4.0], ["x", "y", "x"], observation=[1, 1, 2], rho=0.5).dense()
    np.testing.assert_array_equal(apart[np.ix_([0, 2, 1], [0, 2, 1])], together)


def test_one_correlation_of_all_effects_of_a_study():
    """As a correlated-effects model takes it: Pustejovsky & Tipton (2022), Prev. Sci. 23, 425-438, eq. 5."""
    V = block_covariance([1.0, 4.0, 9.0], ["x", "x", "y"], rho=0.6).dense()
    np.testing.assert_allclose(V, [[1, 1.2, 0], [1.2, 4, 0], [0, 0, 9]], rtol=1e-15)


def test_two_effects_that_are_one_are_said_to_be():
    assert block_covariance([1.0, 1.0, 1.0], ["x", "x", "y"], construct=["a", "a", "a"], rho=0.5).singular == ("x",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"vi": [0.1, -0.2, 0.3]}, r"row 2 \(Lee\): vi is -0.2"),
        ({"vi": [0.1, np.nan, 0.3]}, "row 2"),
        ({"rho": 1.2}, "rho is 1.2"),
        ({"rho": None}, "rho is missing"),
        ({"rho": {("1", "3"): 0.5}}, "no correlation of 1 with 2: add it"),
        ({"observation": [1, 2]}, "observation has 2 entries and vi has 3"),
        ({"observation": None, "rho": None}, "nothing says how"),
        ({"observation": None, "rho": {("1", "2"): 0.5}}, "nothing says how"),
        ({"time": [0, 1, 2]}, "phi is missing"),
        ({"time": [0, 1, 2], "phi": 1.5}, "phi is 1.5"),
        ({"arm_t": [1, 2, 3]}, "both arm_t and arm_c"),
        ({"arm_t": [1, 2, 3], "arm_c": [1, 4, 4]}, "row 1: an arm is compared with itself"),
        ({"construct": ["a", "a", "b"]}, "rho_between is missing"),
    ],
)
def test_refuses_and_says_the_mend(given, said):
    with pytest.raises(ValueError, match=said):
        block_covariance(
            **{"vi": [0.1, 0.2, 0.3], "cluster": ["Lee", "Lee", "Park"], "observation": [1, 2, 1], "rho": 0.5, **given}
        )


def test_correlations_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="cluster Lee: these correlations cannot all be"):
        block_covariance(
            [1.0, 1.0, 1.0],
            ["Lee"] * 3,
            observation=["a", "b", "c"],
            rho={("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9},
        )


@pytest.mark.parametrize(("fisher_z", "name"), [(False, "rcalc"), (True, "rcalc_z")])
def test_covariance_of_correlations(fisher_z, name):
    pairs, _, covariance = covariance_of_correlations(PINNED["r"], 50, fisher_z=fisher_z)
    assert pairs[:3] == ((0, 1), (0, 2), (0, 3))
    np.testing.assert_allclose(covariance, PINNED[name], rtol=1e-12)


@pytest.mark.parametrize(
    ("r", "n", "said"),
    [
        ([[1, 0.5], [0.4, 1]], 20, "symmetric"),
        ([[1, 1.5], [1.5, 1]], 20, "between"),
        ([[1, 0.5], [0.5, 1]], 3, "n is 3"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(r, n, said):
    with pytest.raises(ValueError, match=said):
        covariance_of_correlations(r, n)
