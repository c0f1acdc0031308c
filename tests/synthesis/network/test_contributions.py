"""Hat matrix, path measures and contributions against the reference, against all paths listed, and their sums."""

from itertools import pairwise

import numpy as np
import pytest

from evenhand.synthesis.network.acyclic_flow import without_cycles
from evenhand.synthesis.network.contributions import CONTRIBUTION_METHODS, contributions
from evenhand.synthesis.network.direct_weights import all_pairs, direct_weights
from evenhand.synthesis.network.evidence import network_from_contrasts
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.network.path_measures import path_measures
from tests.synthesis.network.reference_cases import NETWORKS, from_contrasts, ids, numbers

WITH_FLOWS = [case for case in NETWORKS if "hatmatrix_Davies_common" in case["expected"]]
BLOCKS = {"netcontrib_shortestpath_common": "shortest path", "netcontrib_randomwalk_common": "random walk"}


def columns_of(weights, names):
    """The place of each named comparison, and whether it runs the other way."""
    place = {
        (weights.treatments[i], weights.treatments[j]): at
        for at, (i, j) in enumerate(zip(weights.first, weights.second, strict=True))
    }
    pairs = [tuple(name.split(":")) for name in names]
    return (
        [place.get(pair, place.get(pair[::-1])) for pair in pairs],
        np.array([1.0 if pair in place else -1.0 for pair in pairs]),
    )


@pytest.mark.parametrize("case", WITH_FLOWS, ids=ids(WITH_FLOWS))
def test_hat_matrix_reference(case):
    weights = direct_weights(fit_network(from_contrasts(case), method="EE"))
    expected = case["expected"]["hatmatrix_Davies_common"]
    at, sign = columns_of(weights, expected["cols"])
    rows = [[weights.treatments.index(t) for t in name.split(":")] for name in expected["rows"]]
    ours = weights.hat(np.array(rows))[:, at] * sign
    np.testing.assert_allclose(ours, numbers(expected["H"]), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("case", WITH_FLOWS, ids=ids(WITH_FLOWS))
def test_contributions_reference(case, block):
    expected = case["expected"][block]
    fit = fit_network(from_contrasts(case), method="EE")
    pairs = [tuple(name.split(":")) for name in expected["rows"]]
    found = contributions(fit, method=BLOCKS[block], comparisons=pairs)
    at, _ = columns_of(found.weights, expected["cols"])
    np.testing.assert_allclose(found.share[:, at], numbers(expected["M"]), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_path_measures_reference(case):
    expected = case["expected"]["netmeasures_common"]
    fit = fit_network(from_contrasts(case), method="EE")
    found = path_measures(fit, comparisons=[tuple(name.split(":")) for name in expected["comparison"]])
    for ours, theirs in (
        (found.direct_share, "proportion"),
        (found.mean_path, "meanpath"),
        (found.parallel_designs, "minpar"),
        (found.parallel_studies, "minpar_study"),
    ):
        # The reference has no parallelism for a network of one comparison; ours is 1, or the studies'.
        if expected[theirs] == [] and len(fit.treatments) == 2:
            assert theirs.startswith("minpar") and ours[0] >= 1 - 1e-12
            continue
        np.testing.assert_allclose(ours, numbers(expected[theirs]), rtol=1e-9, err_msg=theirs)


@pytest.mark.parametrize("method", CONTRIBUTION_METHODS)
@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_rows_add_up_to_1(case, method):
    fit = fit_network(from_contrasts(case), method="REML")
    found = contributions(fit, method=method)
    assert found.share.shape == (len(all_pairs(len(fit.treatments))), fit.direct().k.size)
    assert found.share.min() >= 0
    np.testing.assert_allclose(found.share.sum(axis=1), 1.0, rtol=1e-9)
    np.testing.assert_allclose(found.by_study().sum(axis=1), 1.0, rtol=1e-9)
    group = {label: i % 3 for i, label in enumerate(found.studies)}
    np.testing.assert_allclose(sum(found.by_group(group).values()), 1.0, rtol=1e-9)


def test_random_walk_is_the_sum_over_all_paths():
    """Every path listed, its chance multiplied out and shared by its length."""
    rng = np.random.default_rng(4)
    size = 7
    rows = [(f"{i}{j}", f"t{i}", f"t{j}") for i in range(size) for j in range(i) if rng.random() < 0.7 or j == i - 1]
    study, one, other = zip(*rows, strict=True)
    evidence = network_from_contrasts(study, one, other, rng.normal(size=len(rows)), rng.uniform(0.2, 1, len(rows)))
    fit = fit_network(evidence, method="EE")
    found = contributions(fit)
    for row, pair in enumerate(found.pairs):
        flow = found.weights.net_flow(pair[None])[0]
        expected = np.zeros_like(flow)

        def walk(path, chance, flow=flow, expected=expected, end=pair[1]):
            if path[-1] == end:
                for u, v in pairwise(path):
                    expected[u, v] += chance / (len(path) - 1)
                return
            for v in np.flatnonzero(flow[path[-1]]):
                walk([*path, v], chance * flow[path[-1], v] / flow[path[-1]].sum())

        walk([pair[0]], 1.0)
        first, second = found.weights.first, found.weights.second
        np.testing.assert_allclose(found.share[row], (expected + expected.T)[first, second], rtol=1e-10, atol=1e-13)


def test_a_study_of_several_arms_whose_weights_fall_below_0():
    """Strongly correlated effects: current against the potential, and still shares between 0 and 1."""
    # Variances of A − B 4, A − C 1, B − C 2: a covariance of 1.5, above the variance of A − C.
    rows = [
        ("1", "A", "B", 4.0),
        ("1", "A", "C", 1.0),
        ("1", "B", "C", 2.0),
        ("2", "A", "D", 1.0),
        ("3", "D", "B", 0.3),
    ]
    study, one, other, v = zip(*rows, strict=True)
    found = contributions(fit_network(network_from_contrasts(study, one, other, [0.0] * 5, np.sqrt(v)), method="EE"))
    assert found.weights.weight.min() < 0
    np.testing.assert_allclose(found.share.sum(axis=1), 1.0, rtol=1e-9)
    assert found.share.min() >= 0


def test_circles_are_taken_out():
    flow = np.zeros((4, 4))
    flow[0, 3] = 1.0
    flow[1, 2], flow[2, 3], flow[3, 1] = 0.5, 0.7, 0.5
    flow[0, 2] = 0.2
    left = without_cycles(flow)
    expected = np.zeros((4, 4))
    expected[0, 3], expected[0, 2], expected[2, 3] = 1.0, 0.2, 0.2
    np.testing.assert_allclose(left, expected, atol=1e-15)


def test_pieces_apart_contribute_nothing_to_each_other():
    evidence = network_from_contrasts(["1", "2"], [*"AC"], [*"BD"], [1.0, 1.0], [1.0, 1.0])
    fit = fit_network(evidence)
    for method in CONTRIBUTION_METHODS:
        found = contributions(fit, method=method)
        assert found.of("A", "B") == {("A", "B"): pytest.approx(1.0), ("C", "D"): 0.0}
        assert all(np.isnan(value) for value in found.of("A", "C").values())
    measures = path_measures(fit)
    assert np.isnan(measures.mean_path).sum() == 4
    np.testing.assert_allclose(measures.mean_path[~np.isnan(measures.mean_path)], 1.0)


def test_what_cannot_be_asked():
    fit = fit_network(network_from_contrasts(["1"], [*"A"], [*"B"], [1.0], [1.0]))
    with pytest.raises(ValueError, match="there are random walk, shortest path"):
        contributions(fit, method="stream")
    with pytest.raises(ValueError, match="name two treatments"):
        contributions(fit, comparisons=[("A", "A")])
    with pytest.raises(ValueError, match="no study has a treatment called 'C'"):
        contributions(fit, comparisons=[("A", "C")])
    with pytest.raises(ValueError, match="no group is given for study 1"):
        contributions(fit).by_group({})
    with pytest.raises(ValueError, match="not among the estimates"):
        contributions(fit, comparisons=[]).of("A", "B")
