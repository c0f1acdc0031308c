"""Unrelated mean effects: two-arm networks are regressions; several arms as generalised least squares."""

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.network.evidence import network_from_contrasts
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.network.unrelated_effects import unrelated_effects
from tests.synthesis.network.reference_cases import NETWORKS, from_contrasts, ids


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "PM", "EE"])
def test_two_arm_studies_are_a_regression_on_comparisons(method):
    rng = np.random.default_rng(2)
    pairs = [("A", "B"), ("A", "C"), ("B", "C")]
    rows = [(f"s{i}", *pairs[i % 3], rng.normal(), rng.uniform(0.2, 0.6)) for i in range(14)]
    evidence = network_from_contrasts(*zip(*rows, strict=True))
    found = unrelated_effects(fit_network(evidence, method=method))
    X = np.array([[pair == (one, other) for pair in pairs] for _, one, other, _, _ in rows], dtype=float)
    yi, vi = -np.array([row[3] for row in rows]), np.array([row[4] for row in rows]) ** 2
    own = fit_linear(yi, vi, X, method=method, test="z")
    assert [(found.treatments[i], found.treatments[j]) for i, j in zip(found.first, found.second, strict=True)] == pairs
    np.testing.assert_allclose(found.tau2, own.tau2, rtol=1e-8)
    np.testing.assert_allclose(found.estimate, own.beta, rtol=1e-8)
    np.testing.assert_allclose(found.se, own.se, rtol=1e-8)
    np.testing.assert_allclose((found.q, found.df), (own.q, own.q_df), rtol=1e-9)
    assert found.k.tolist() == [5, 5, 4]


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_generalised_least_squares(case):
    fit = fit_network(from_contrasts(case), method="REML")
    found = unrelated_effects(fit)
    place = {(int(i), int(j)): at for at, (i, j) in enumerate(zip(found.first, found.second, strict=True))}
    gram, right, deviance = np.zeros((len(place), len(place))), np.zeros(len(place)), []
    parts = []
    for one in fit.evidence.studies:
        p = one.yi.size
        precision = np.linalg.inv(one.v + 0.5 * found.tau2 * (np.eye(p) + 1))
        at = [place[one.treatments[0], t] for t in one.treatments[1:]]
        gram[np.ix_(at, at)] += precision
        right[at] += precision @ one.yi
        parts.append((at, precision, one.yi))
    estimate = np.linalg.solve(gram, right)
    np.testing.assert_allclose(found.estimate, estimate, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.se, np.sqrt(np.diagonal(np.linalg.inv(gram))), rtol=1e-8)
    deviance = [(y - estimate[at]) @ precision @ (y - estimate[at]) for at, precision, y in parts]
    np.testing.assert_allclose(found.study_q, deviance, rtol=1e-7, atol=1e-9)
    assert found.df == sum(one.yi.size for one in fit.evidence.studies) - len(place)
    # It has the consistency model within it wherever studies have two arms.
    if all(len(one.treatments) == 2 for one in fit.evidence.studies):
        assert found.q <= fit.q + 1e-9
    np.testing.assert_allclose(found.network, [fit.contrast(*pair).estimate for pair in _names(found)], atol=1e-10)


def _names(found):
    return [(found.treatments[j], found.treatments[i]) for i, j in zip(found.first, found.second, strict=True)]


def test_one_study_a_comparison_leaves_no_variance():
    evidence = network_from_contrasts(["1", "2", "3"], [*"ABA"], [*"BCC"], [1.0, 1.0, 5.0], [1.0, 1.0, 1.0])
    found = unrelated_effects(fit_network(evidence, method="REML"))
    assert (found.tau2, found.tau2_estimable, found.df) == (0.0, False, 0)
    np.testing.assert_allclose(found.estimate, [-1.0, -5.0, -1.0])
    assert found.network_df == 1
