"""Predicted random effects and new effects against the reference file and the matrix formula."""

import math

import numpy as np
import pytest

from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.dependent.random_effect_estimates import predict_multilevel, predicted_random_effects
from tests.conftest import golden
from tests.synthesis.dependent.reference_cases import fitted

CASES = golden("multilevel.json")
WITH_EFFECTS = [case for case in CASES if "ranef" in case["expected"]]
WITH_PREDICTION = [case for case in CASES if "predict" in case["expected"]]


@pytest.mark.parametrize("case", WITH_EFFECTS, ids=[case["id"] for case in WITH_EFFECTS])
def test_random_effects(case):
    fit = fitted(case)
    for term, (name, expected) in enumerate(case["expected"]["ranef"].items()):
        found = predicted_random_effects(fit, term)
        assert found.term == name
        place = {str(label): i for i, label in enumerate(found.labels)}
        order = [place[label] for label in expected["levels"]]
        assert len(order) == len(found.labels)
        np.testing.assert_allclose(found.estimate[order], expected["est"], rtol=1e-6, atol=2e-8)
        np.testing.assert_allclose(found.se[order], expected["se"], rtol=1e-6)


@pytest.mark.parametrize("case", WITH_PREDICTION, ids=[case["id"] for case in WITH_PREDICTION])
def test_new_effects(case):
    found = predict_multilevel(fitted(case))
    np.testing.assert_allclose(found.pi_lower, case["expected"]["predict"]["pi_lb"], rtol=1e-6)
    np.testing.assert_allclose(found.pi_upper, case["expected"]["predict"]["pi_ub"], rtol=1e-6)


@pytest.mark.parametrize(
    ("random", "correlated"), [("~ 1 | a/b", False), ("~ 1 | a/b", True), ("~ o | a", False), ("~ o | a", True)]
)
def test_against_the_matrix_formula(random, correlated):
    rng = np.random.default_rng(13)
    a, k = np.repeat(range(5), [2, 3, 4, 3, 2]), 14
    data = {"a": a, "b": range(k), "o": [0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 0, 1]}
    V = np.diag(rng.uniform(0.05, 0.2, k)) + (0.04 * (a[:, None] == a) if correlated else 0)
    yi = rng.normal(0, 0.6, 5)[a] + rng.normal(0, 0.4, k)
    fit = multilevel(yi, V if correlated else np.diag(V), random=random, structure="CS", data=data)
    together = (a[:, None] == a).astype(float)
    if random.startswith("~ 1"):
        covariances = [fit.sigma2[0] * together, fit.sigma2[1] * np.eye(k)]
        rows = [np.unique(a, return_index=True)[1], np.arange(k)]
    else:
        covariances = [fit.tau2[0] * together * (fit.rho[0] + (1 - fit.rho[0]) * np.eye(k))]
        rows = [np.arange(k)]
    M = V + sum(covariances)
    W = np.linalg.inv(M)
    X = np.ones((k, 1))
    P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
    for term, (G, first) in enumerate(zip(covariances, rows, strict=True)):
        found = predicted_random_effects(fit, term)
        np.testing.assert_allclose(found.estimate, (G @ P @ yi)[first], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(
            found.se, np.sqrt(np.maximum(0, np.diag(G - G @ P @ G)))[first], rtol=1e-6, atol=1e-9
        )


def test_a_level_must_be_said_where_its_variance_depends_on_it():
    rng = np.random.default_rng(2)
    data = {"o": ["x", "y"] * 8, "s": np.repeat(range(8), 2)}
    fit = multilevel(rng.normal(size=16), [0.1] * 16, random="~ o | s", structure="UN", data=data)
    assert math.isnan(predict_multilevel(fit).pi_lower[0])
    new = predict_multilevel(fit, levels=["y"])
    half = 1.959963984540054 * math.sqrt(fit.se[0] ** 2 + fit.tau2[1])
    assert new.pi_upper[0] - new.estimate[0] == pytest.approx(half, rel=1e-12)
    with pytest.raises(ValueError, match="no level 'z'"):
        predict_multilevel(fit, levels=["z"])
    with pytest.raises(ValueError, match="rows of 2 moderators"):
        predict_multilevel(fit, [[1, 2]])
    with pytest.raises(ValueError, match="term 1"):
        predicted_random_effects(fit, 1)
