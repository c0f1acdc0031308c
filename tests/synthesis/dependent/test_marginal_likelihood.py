"""Both ways to the likelihood against the density of one big normal, and their slopes against differences."""

import math

import numpy as np
import pytest

from evenhand.synthesis.dependent.covariance_tables import (
    correlation_at_lag,
    correlation_from_angles,
    parameters_of_covariance,
)
from evenhand.synthesis.dependent.covariance_terms import terms_of
from evenhand.synthesis.dependent.marginal_likelihood import DenseBlocks, Problem
from evenhand.synthesis.dependent.nested_likelihood import NestedIntercepts, is_nested
from evenhand.synthesis.dependent.random_effects import STRUCTURES, Correlated, RandomIntercepts, RandomSlopes
from evenhand.synthesis.dependent.sampling_covariance import SamplingCovariance, Stack, as_sampling_covariance

RNG = np.random.default_rng(17)
K = 23
A = np.sort(RNG.integers(0, 6, K))
DATA = {"a": A, "b": np.arange(K) // 2, "c": np.arange(K), "lab": RNG.integers(0, 4, K), "o": np.arange(K) % 3,
        "t": RNG.uniform(0, 5, K), "dose": RNG.normal(size=K)}  # fmt: skip
NUMERIC = ("CAR", "SPEXP", "SPGAU", "SPRAT")
TERMS = {
    "intercepts": (RandomIntercepts(levels=("a", "c")),),
    "three levels": (RandomIntercepts(levels=("a", "b", "c")),),
    "crossed": (RandomIntercepts(levels=("a",)), RandomIntercepts(levels=("lab",))),
    "slopes": (RandomSlopes(covariates=("1", "dose"), outer="a"),),
    **{
        name: (Correlated(inner=("t",) if name in NUMERIC else ("o",), outer="a", structure=name),)
        for name in STRUCTURES
    },
    "two": (Correlated(inner=("o",), outer="a", structure="UN"), RandomIntercepts(levels=("c",))),
}  # fmt: skip


def problem(name, *, correlated, restricted):
    sd = np.random.default_rng(5).uniform(0.2, 0.6, K)
    V = np.diag(sd**2)
    if correlated:
        V += 0.4 * np.outer(sd, sd) * ((DATA["a"][:, None] == DATA["a"]) & ~np.eye(K, dtype=bool))
    X, _ = np.linalg.qr(np.column_stack([np.ones(K), DATA["dose"]]))
    yi = np.random.default_rng(6).normal(size=K)
    sampling = as_sampling_covariance(V if correlated else np.diag(V), K)
    return Problem(yi=yi, X=X, sampling=sampling, terms=terms_of(TERMS[name], DATA, K), restricted=restricted), V


def big_matrix(given, V, x):
    """M written out pair by pair, from what each structure is defined to be."""
    M, start = V.copy(), 0
    for term in given.terms:
        q = len(term.table.parameters)
        part = x[start : start + q]
        entries = np.append(term.table.table(part)[0], 0.0)
        if term.slopes is None:
            M += entries[term.pairs(np.arange(K)[None, :])[0]]
        else:
            M += (term.slopes @ entries[:-1].reshape(2, 2) @ term.slopes.T) * (term.group[:, None] == term.group)
        start += q
    return M


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("correlated", [True, False])
@pytest.mark.parametrize("name", TERMS)
def test_likelihood_and_slope(name, correlated, restricted):
    given, V = problem(name, correlated=correlated, restricted=restricted)
    q = sum(len(term.table.parameters) for term in given.terms)
    x = np.random.default_rng(3).uniform(0.2, 0.8, q)
    M = big_matrix(given, V, x)
    W = np.linalg.inv(M)
    information = given.X.T @ W @ given.X
    r = given.yi - given.X @ np.linalg.solve(information, given.X.T @ W @ given.yi)
    n = K - 2 if restricted else K
    expected = -0.5 * (n * math.log(2 * math.pi) + np.linalg.slogdet(M)[1] + r @ W @ r)
    expected -= 0.5 * np.linalg.slogdet(information)[1] if restricted else 0.0
    ways = [DenseBlocks(given)] + ([NestedIntercepts(given)] if is_nested(given) else [])
    assert len(ways) == (2 if name == "intercepts" or (name == "three levels" and not correlated) else 1)
    for way in ways:
        found = way.at(x)
        assert found.log_likelihood == pytest.approx(expected, rel=1e-12)
        for j in range(q):
            step = np.eye(q)[j] * 1e-5
            slope = (way.at(x + step).log_likelihood - way.at(x - step).log_likelihood) / 2e-5
            assert found.slope[j] == pytest.approx(slope, rel=1e-6, abs=1e-7)
        columns = np.random.default_rng(1).normal(size=(K, 3))
        np.testing.assert_allclose(way.solve(x, columns), W @ columns, rtol=1e-9, atol=1e-12)


def test_what_is_no_covariance_has_no_likelihood():
    given, _ = problem("CS", correlated=True, restricted=True)
    # Past the door, where such a matrix is refused.
    matrix = np.full((K, K), 0.1) - 0.05 * np.eye(K)
    worse = SamplingCovariance(variances=np.diagonal(matrix).copy(), stacks=(Stack(np.arange(K)[None], matrix[None]),))
    bad = Problem(yi=given.yi, X=given.X, sampling=worse, terms=given.terms, restricted=True)
    assert DenseBlocks(bad).at(np.zeros(2)).log_likelihood == -math.inf


@pytest.mark.parametrize("size", [2, 3, 5])
def test_angles_make_a_correlation_and_back(size):
    angles = np.random.default_rng(size).uniform(-1.4, 1.4, size * (size - 1) // 2)
    correlation, slopes = correlation_from_angles(angles, size)
    np.testing.assert_allclose(np.diag(correlation), 1.0, rtol=1e-14)
    assert np.linalg.eigvalsh(correlation)[0] > 0
    assert correlation[0, 1] == pytest.approx(math.sin(angles[0]), rel=1e-14)
    for j in range(angles.size):
        step = np.eye(angles.size)[j] * 1e-6
        change = correlation_from_angles(angles + step, size)[0] - correlation_from_angles(angles - step, size)[0]
        np.testing.assert_allclose(slopes[:, :, j], change / 2e-6, atol=1e-8)
    tau = np.arange(1.0, size + 1)
    back = parameters_of_covariance(correlation * np.outer(tau, tau))
    np.testing.assert_allclose(back, np.concatenate([tau, angles]), rtol=1e-9)


@pytest.mark.parametrize("structure", ["CS", "AR", "CAR", "SPEXP", "SPGAU", "SPRAT"])
def test_correlations_at_lags(structure):
    lag = np.array([0.0, 1.0, 2.0, 3.0])
    at, slope = correlation_at_lag(structure, lag, 0.6)
    assert at[0] == 1.0
    assert slope[0] == 0.0
    change = correlation_at_lag(structure, lag, 0.6 + 1e-6)[0] - correlation_at_lag(structure, lag, 0.6 - 1e-6)[0]
    np.testing.assert_allclose(slope, change / 2e-6, atol=1e-7)
    if structure in ("CS", "AR", "CAR"):
        np.testing.assert_allclose(at, [1, 0.6, 0.6, 0.6] if structure == "CS" else [1, 0.6, 0.36, 0.216], rtol=1e-12)
