"""Bucher's test of loops: by hand, against node-splits, and loops that one study closes."""

import numpy as np
import pytest

from evenhand.synthesis.network.evidence import network_from_arms, network_from_contrasts
from evenhand.synthesis.network.loops import loop_inconsistency
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.network.side_splitting import side_splitting
from tests.synthesis.network.reference_cases import NETWORKS, from_contrasts, ids

LIKE = {"method": "EE"}


def network(*rows):
    study, one, other, yi, sei = zip(*rows, strict=True)
    return network_from_contrasts(study, one, other, yi, sei)


def test_triangle_by_hand():
    """1 + 2 − 4 = −1 with variance 1 + 2 + 1 = 4."""
    found = loop_inconsistency(
        fit_network(network(("1", "A", "B", 1.0, 1.0), ("2", "B", "C", 2.0, 2**0.5), ("3", "A", "C", 4.0, 1.0)), **LIKE)
    )
    assert found.treatments == (("A", "B", "C"),)
    assert found.k.tolist() == [3]
    np.testing.assert_allclose(found.inconsistency, [-1.0])
    np.testing.assert_allclose(found.se, [2.0])
    np.testing.assert_allclose(found.p_value, [0.6170750774519738])  # 2 Φ(−1/2)


def test_square_by_hand_and_not_with_a_diagonal():
    sides = [("1", "A", "B", 1.0, 1.0), ("2", "B", "C", 1.0, 1.0), ("3", "C", "D", 1.0, 1.0), ("4", "D", "A", 0.0, 1.0)]
    square = loop_inconsistency(fit_network(network(*sides), **LIKE))
    assert square.treatments == (("A", "B", "C", "D"),)
    np.testing.assert_allclose((square.inconsistency[0], square.se[0]), (3.0, 2.0))
    with_diagonal = loop_inconsistency(fit_network(network(*sides, ("5", "B", "D", 0.0, 1.0)), **LIKE))
    assert with_diagonal.treatments == (("A", "B", "D"), ("B", "C", "D"))


def test_a_lone_loop_is_the_node_split_of_each_of_its_comparisons():
    fit = fit_network(
        network(
            ("1", "A", "B", 1.0, 0.3), ("1b", "A", "B", 2.0, 0.4), ("2", "B", "C", 2.0, 0.5), ("3", "A", "C", 4.0, 0.6)
        ),
        method="REML",
    )  # fmt: skip
    assert fit.tau2 > 0
    found, split = loop_inconsistency(fit), side_splitting(fit)
    np.testing.assert_allclose(np.abs(split.statistic), abs(found.statistic[0]), rtol=1e-10)
    np.testing.assert_allclose(np.abs(split.difference), abs(found.inconsistency[0]), rtol=1e-10)


def test_a_study_of_three_arms_agrees_with_itself():
    arms = {"study": ["1"] * 3, "treatment": [*"ABC"], "mean": [1.0, 2.0, 5.0], "sd": [1.0] * 3, "n": [20] * 3}
    alone = fit_network(network_from_arms(**arms, measure="MD"))
    assert loop_inconsistency(alone).treatments == ()


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_shares_by_simulated_covariance(case):
    """The variance of the sum, from the covariance of all direct estimates in one matrix."""
    fit = fit_network(from_contrasts(case), method="DL")
    found = loop_inconsistency(fit)
    direct = fit.direct()
    place = {(int(i), int(j)): at for at, (i, j) in enumerate(zip(direct.first, direct.second, strict=True))}
    covariance = np.zeros((len(place), len(place)))
    for one in fit.evidence.studies:
        a = len(one.treatments)
        whole = np.zeros((a, a))
        whole[1:, 1:] = one.v + 0.5 * fit.tau2 * (np.eye(a - 1) + 1)
        contrasts, at = [], []
        for i in range(a):
            for j in range(i + 1, a):
                c = np.zeros(a)
                c[i], c[j] = 1.0, -1.0
                at.append(place[one.treatments[i], one.treatments[j]])
                contrasts.append(c * direct.se[at[-1]] ** 2 / (c @ whole @ c))
        covariance[np.ix_(at, at)] += np.array(contrasts) @ whole @ np.array(contrasts).T
    for row, loop in enumerate(found.treatments):
        t = [fit.treatments.index(name) for name in loop]
        c, total = np.zeros(len(place)), 0.0
        for i, j in zip(t, [*t[1:], t[0]], strict=True):
            sign = 1.0 if i < j else -1.0
            c[place[min(i, j), max(i, j)]] = sign
            total += sign * direct.estimate[place[min(i, j), max(i, j)]]
        np.testing.assert_allclose(found.inconsistency[row], total, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(found.se[row] ** 2, c @ covariance @ c, rtol=1e-8)
