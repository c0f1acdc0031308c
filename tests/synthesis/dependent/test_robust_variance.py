"""Clustered standard errors against the whole reference files, and against their definition."""

import math

import numpy as np
import pytest

from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.dependent.robust_variance import ROBUST_KINDS, robust, robust_wald
from evenhand.synthesis.linear_fit import fit_linear
from tests.conftest import golden
from tests.synthesis.dependent.reference_cases import fitted, inputs

DEPENDENT = [case for case in golden("multilevel.json") if "robust_CR1" in case["expected"]]
REGRESSIONS = [case for case in golden("metareg.json") if "robust_cluster_by_study" in case["expected"]]


def slack(case):
    return max(2e-6, 10 * case["expected"]["optimizer_disagreement"]["beta_se"])


@pytest.mark.parametrize("case", DEPENDENT, ids=[case["id"] for case in DEPENDENT])
def test_dependent_effects(case):
    fit, cluster = fitted(case), inputs(case)[3]["cluster"]
    plain, expected = robust(fit, cluster, kind="CR1"), case["expected"]["robust_CR1"]
    np.testing.assert_allclose(plain.se, expected["se"], rtol=slack(case))
    np.testing.assert_allclose(plain.statistic, expected["stat"], rtol=slack(case))
    np.testing.assert_allclose(plain.p_value, expected["pval"], rtol=slack(case))
    np.testing.assert_allclose(plain.ci_lower, expected["ci_lb"], rtol=slack(case))
    np.testing.assert_allclose(plain.ci_upper, expected["ci_ub"], rtol=slack(case))
    assert set(plain.df) == set(expected["df"])
    assert plain.f == pytest.approx(expected["QM"], rel=slack(case))
    assert plain.f_p_value == pytest.approx(expected["QMp"], rel=slack(case))
    assert list(plain.f_df) == expected["QMdf"]
    reduced, expected = robust(fit, cluster, kind="CR2"), case["expected"]["clubSandwich_CR2"]
    np.testing.assert_allclose(reduced.se, expected["se"], rtol=slack(case))
    np.testing.assert_allclose(reduced.statistic, expected["tstat"], rtol=slack(case))
    np.testing.assert_allclose(reduced.df, expected["df"], rtol=slack(case))
    np.testing.assert_allclose(reduced.p_value, expected["pval"], rtol=slack(case))
    if "clubSandwich_HTZ" in case["expected"]:
        expected = case["expected"]["clubSandwich_HTZ"]
        assert reduced.f_df[0] == expected["df_num"]
        assert reduced.f_df[1] == pytest.approx(expected["df_denom"], rel=slack(case))
        if expected["df_denom"] > 0:
            assert reduced.f == pytest.approx(expected["Fstat"], rel=slack(case))
            assert reduced.f_p_value == pytest.approx(expected["p"], rel=slack(case))
        else:  # too few clusters for so many coefficients
            assert math.isnan(reduced.f)
            assert math.isnan(reduced.f_p_value)


@pytest.mark.parametrize("case", REGRESSIONS, ids=[case["id"] for case in REGRESSIONS])
def test_regressions_clustered_by_study(case):
    data, expected = case["data"], case["expected"]["robust_cluster_by_study"]
    fit = fit_linear(data["yi"], data["vi"], case["expected"]["X"], test="z")
    plain = robust(fit, range(fit.k), kind="CR1")
    one = {name: as_numbers(values) for name, values in expected["metafor_CR1"].items()}
    # A coefficient that two studies fit without residual has no robust standard error; the reference says so by a hole.
    told = np.isfinite(one["se"])
    assert np.array_equal(np.isfinite(plain.se), told)
    np.testing.assert_allclose(plain.se[told], one["se"][told], rtol=1e-9)
    np.testing.assert_allclose(plain.statistic[told], one["stat"][told], rtol=1e-8)
    np.testing.assert_allclose(plain.p_value[told], one["pval"][told], rtol=1e-8)
    assert set(plain.df) == set(one["df"])
    np.testing.assert_allclose(plain.f, one["QM"], rtol=1e-8)
    np.testing.assert_allclose(plain.f_p_value, one["QMp"], rtol=1e-7)
    reduced = robust(fit, range(fit.k), kind="CR2")
    two = {name: as_numbers(values) for name, values in expected["clubSandwich_CR2"].items()}
    assert np.array_equal(np.isfinite(reduced.se), told)
    np.testing.assert_allclose(reduced.se[told], two["se"][told], rtol=1e-8)
    np.testing.assert_allclose(reduced.statistic[told], two["tstat"][told], rtol=1e-8)
    np.testing.assert_allclose(reduced.df[told], two["df"][told], rtol=1e-7)
    np.testing.assert_allclose(reduced.p_value[told], two["pval"][told], rtol=1e-7)


def as_numbers(values):
    return np.array(math.nan if values is None else values, dtype=float)


def example(seed=0, weights=None):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(range(9), [1, 2, 3, 4, 5, 1, 2, 3, 2])
    vi = rng.uniform(0.05, 0.3, cluster.size)
    X = np.column_stack([np.ones(cluster.size), rng.normal(size=cluster.size)])
    yi = X @ [0.3, 0.2] + rng.normal(0, 0.3, 9)[cluster] + rng.normal(0, np.sqrt(vi))
    return yi, vi, X, cluster, weights


@pytest.mark.parametrize("weights", [None, "unweighted"])
@pytest.mark.parametrize("kind", ROBUST_KINDS)
def test_against_the_definition(kind, weights):
    """The sandwich and its degrees of freedom, written out with k × k matrices."""
    yi, vi, X, cluster, _ = example()
    fit = fit_linear(yi, vi, X, test="z", weights=weights)
    k, p = X.shape
    working = np.diag(vi + fit.tau2)
    W = np.eye(k) if weights else np.linalg.inv(working)
    bread = np.linalg.inv(X.T @ W @ X)
    maker = np.eye(k) - X @ bread @ X.T @ W
    e = yi - X @ fit.beta
    spread = maker @ working @ maker.T
    meat, shares = np.zeros((p, p)), {j: [] for j in range(p)}
    for number in range(9):
        rows = np.flatnonzero(cluster == number)
        A = np.eye(rows.size)
        if kind == "CR2":
            D = np.linalg.cholesky(working[np.ix_(rows, rows)]).T
            values, vectors = np.linalg.eigh(D @ spread[np.ix_(rows, rows)] @ D.T)
            A = D.T @ vectors @ np.diag(values**-0.5) @ vectors.T @ D
        if kind == "CR3":
            A = np.linalg.inv(maker[np.ix_(rows, rows)])
        score = X[rows].T @ W[np.ix_(rows, rows)] @ A @ e[rows]
        meat += np.outer(score, score)
        for j in range(p):
            shares[j].append(maker[rows].T @ A.T @ W[np.ix_(rows, rows)] @ X[rows] @ bread[:, j])
    factor = 9 / (9 - p) if kind == "CR1" else 1.0
    found = robust(fit, cluster, kind=kind)
    np.testing.assert_allclose(found.covariance, factor * bread @ meat @ bread, rtol=1e-9)
    if kind in ("CR2", "CR3"):
        for j in range(p):
            S = np.array(shares[j]) @ working @ np.array(shares[j]).T
            assert found.df[j] == pytest.approx(np.trace(S) ** 2 / (S**2).sum(), rel=1e-9)
            assert robust_wald(found, np.eye(p)[[j]]).df_denominator == pytest.approx(found.df[j], rel=1e-9)
            assert robust_wald(found, np.eye(p)[[j]]).f == pytest.approx(found.statistic[j] ** 2, rel=1e-9)


def test_unbiased_under_the_working_model():
    """What CR2 is for: its expectation is the model's own covariance, whatever the clusters' sizes."""
    yi, vi, X, cluster, _ = example()
    fit = fit_linear(yi, vi, X, test="z", tau2=0.1)
    rng = np.random.default_rng(11)
    total = np.zeros((2, 2))
    for _ in range(1500):
        simulated = rng.normal(0, np.sqrt(vi + 0.1))
        total += robust(fit_linear(simulated, vi, X, test="z", tau2=0.1), cluster, kind="CR2").covariance
    np.testing.assert_allclose(total / 1500, fit.covariance, atol=0.06 * np.abs(fit.covariance).max())


def test_correlated_and_hierarchical_effects():
    """The working model of Pustejovsky & Tipton (2022, Prev. Sci. 23, 425-438): V by one rho, two levels, CR2."""
    yi, vi, X, cluster, _ = example(3)
    blocks = []
    for number in range(9):
        sd = np.sqrt(vi[cluster == number])
        blocks.append(np.outer(sd, sd) * (0.6 + 0.4 * np.eye(sd.size)))
    fit = multilevel(yi, blocks, X, random="~ 1 | study/effect", data={"study": cluster, "effect": range(yi.size)})
    found = robust(fit, cluster)
    V = np.zeros((yi.size, yi.size))
    for number, block in enumerate(blocks):
        rows = np.flatnonzero(cluster == number)
        V[np.ix_(rows, rows)] = block
    M = V + fit.sigma2[0] * (cluster[:, None] == cluster) + fit.sigma2[1] * np.eye(yi.size)
    bread = np.linalg.inv(X.T @ np.linalg.solve(M, X))
    np.testing.assert_allclose(fit.covariance, bread, rtol=1e-8)
    H = X @ bread @ X.T
    meat = np.zeros((2, 2))
    for number in range(9):
        rows = np.flatnonzero(cluster == number)
        own = np.ix_(rows, rows)
        D = np.linalg.cholesky(M[own]).T
        values, vectors = np.linalg.eigh(D @ (M - H)[own] @ D.T)
        A = D.T @ vectors @ np.diag(values**-0.5) @ vectors.T @ D
        score = np.linalg.solve(M[own], X[rows]).T @ A @ (yi - X @ fit.beta)[rows]
        meat += np.outer(score, score)
    np.testing.assert_allclose(found.covariance, bread @ meat @ bread, rtol=1e-7)


def test_no_residual_no_standard_error():
    fit = fit_linear([0.1, 0.5, 0.2, 0.3], [0.1] * 4, [[1, 0], [0, 1], [1, 0], [1, 0]], test="z")
    for kind in ROBUST_KINDS:
        found = robust(fit, range(4), kind=kind)
        assert math.isnan(found.se[1])
        assert math.isnan(found.p_value[1])
        assert math.isfinite(found.se[0])


def test_fewer_clusters_than_coefficients():
    yi, vi, X, cluster, _ = example()
    fit = fit_linear(yi, vi, X, test="z")
    found = robust(fit, cluster > 3, kind="CR1")
    assert (found.df == 0).all()
    assert np.isnan(found.p_value).all()


def test_what_cannot_be_clustered_is_named():
    fit = multilevel([0.1, 0.4, 0.3, 0.2], [0.1] * 4, random="~ 1 | a", data={"a": [1, 1, 2, 2]})
    with pytest.raises(ValueError, match="effects 0 and 1 are in different clusters"):
        robust(fit, [1, 2, 3, 3])
    with pytest.raises(ValueError, match="one cluster"):
        robust(fit, [1, 1, 1, 1])
    with pytest.raises(ValueError, match="kind 'CR9'"):
        robust(fit, [1, 1, 2, 2], kind="CR9")
    with pytest.raises(ValueError, match="column 'cluster' has 3 rows"):
        robust(fit, [1, 1, 2])
    with pytest.raises(ValueError, match="is for CR2 and CR3"):
        robust_wald(robust(fit, [1, 1, 2, 2], kind="CR1"), [[1.0]])
    with pytest.raises(ValueError, match="follow from the others"):
        robust_wald(robust(fit, [1, 1, 2, 2]), [[1.0], [2.0]])
