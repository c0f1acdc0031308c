"""Leaving out a cluster is fitting without it."""

import numpy as np
import pytest

from evenhand.synthesis.dependent.left_out_clusters import cluster_influence
from evenhand.synthesis.dependent.multilevel_model import multilevel


def example(structure=None):
    rng = np.random.default_rng(30)
    study = np.repeat(range(8), [3, 2, 4, 3, 2, 5, 3, 2])
    k = study.size
    V = np.diag(rng.uniform(0.02, 0.1, k)) + 0.01 * (study[:, None] == study)
    X = np.column_stack([np.ones(k), rng.normal(size=k)])
    yi = rng.normal(0, 0.4, 8)[study] + rng.normal(0, 0.3, k)
    data = {"study": study, "effect": np.arange(k), "outcome": np.arange(k) % 2}
    random = "~ 1 | study/effect" if structure is None else "~ outcome | study"
    options = {"random": random, "structure": structure or "CS"}
    return yi, V, X, data, study, options


@pytest.mark.parametrize("structure", [None, "UN", "CS"])
def test_without_each_cluster(structure):
    yi, V, X, data, study, options = example(structure)
    fit = multilevel(yi, V, X, data=data, **options)
    found = cluster_influence(fit, study)
    for number in range(8):
        kept = study != number
        other = multilevel(
            yi[kept], V[np.ix_(kept, kept)], X[kept], data={name: col[kept] for name, col in data.items()}, **options
        )
        np.testing.assert_allclose(found.beta[number], other.beta, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(found.dfbetas[number], (fit.beta - other.beta) / other.se, rtol=1e-5, atol=1e-7)
        change = fit.beta - other.beta
        distance = change @ np.linalg.solve(fit.covariance, change)
        assert found.cooks_distance[number] == pytest.approx(distance, rel=1e-5)


def test_with_variances_kept():
    yi, V, X, data, study, options = example()
    fit = multilevel(yi, V, X, data=data, **options)
    found = cluster_influence(fit, study, reestimate=False)
    M = V + fit.sigma2[0] * (study[:, None] == study) + fit.sigma2[1] * np.eye(yi.size)
    for number in range(8):
        kept = study != number
        W = np.linalg.inv(M[np.ix_(kept, kept)])
        beta = np.linalg.solve(X[kept].T @ W @ X[kept], X[kept].T @ W @ yi[kept])
        np.testing.assert_allclose(found.beta[number], beta, rtol=1e-9, atol=1e-12)


def test_a_cluster_that_alone_tells_a_coefficient():
    yi, V, _, data, study, options = example()
    X = np.column_stack([np.ones(yi.size), study == 2]).astype(float)
    fit = multilevel(yi, V, X, data=data, **options)
    for reestimate in (True, False):
        found = cluster_influence(fit, study, reestimate=reestimate)
        assert np.isnan(found.beta[2]).all()
        assert np.isfinite(np.delete(found.beta, 2, axis=0)).all()


def test_one_cluster_is_refused():
    fit = multilevel([0.1, 0.2], [0.1, 0.1], random="~ 1 | a", data={"a": [1, 2]})
    with pytest.raises(ValueError, match="one cluster"):
        cluster_influence(fit, [1, 1])
