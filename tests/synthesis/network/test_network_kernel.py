"""The kernel against dense generalised least squares, and the star of independent arms."""

import numpy as np
import pytest

from evenhand.synthesis.network.comparison_rows import study_laplacian
from evenhand.synthesis.network.evidence import NetworkEvidence
from evenhand.synthesis.network.network_kernel import NetworkModel, laplacian
from tests.synthesis.network.reference_cases import NETWORKS, from_arms, from_contrasts, ids


def dense(evidence: NetworkEvidence, tau2: float):
    """y, X without the reference, and V + τ²P written out."""
    k = sum(one.yi.size for one in evidence.studies)
    y, X, V = np.empty(k), np.zeros((k, len(evidence.treatments))), np.zeros((k, k))
    at = 0
    for one in evidence.studies:
        rows = slice(at, at + one.yi.size)
        y[rows], V[rows, rows] = one.yi, one.v + 0.5 * tau2 * (np.eye(one.yi.size) + 1.0)
        X[rows, one.treatments[0]] = -1.0
        X[np.arange(at, at + one.yi.size), one.treatments[1:]] = 1.0
        at += one.yi.size
    return y, np.delete(X, evidence.reference, axis=1), V


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
@pytest.mark.parametrize("tau2", [0.0, 0.3])
def test_dense_generalised_least_squares(case, tau2):
    evidence = from_contrasts(case)
    y, X, V = dense(evidence, tau2)
    inverse = np.linalg.inv(V)
    precision = X.T @ inverse @ X
    covariance = np.linalg.inv(precision)
    beta = covariance @ X.T @ inverse @ y
    model = NetworkModel.of(evidence)
    fit = model.at(tau2)
    r, kept = evidence.reference, [i for i in range(len(evidence.treatments)) if i != evidence.reference]
    g = fit.covariance()
    against = g - g[r] - g[:, [r]] + g[r, r]
    np.testing.assert_allclose(fit.beta[kept] - fit.beta[r], beta, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(against[np.ix_(kept, kept)], covariance, rtol=1e-9, atol=1e-12)
    residual = y - X @ beta
    assert fit.q == pytest.approx(residual @ inverse @ residual, rel=1e-9)
    P = inverse - inverse @ X @ covariance @ X.T @ inverse
    K = np.zeros_like(V)
    at = 0
    for one in evidence.studies:
        rows = slice(at, at + one.yi.size)
        K[rows, rows] = 0.5 * (np.eye(one.yi.size) + 1.0)
        at += one.yi.size
    assert fit.trace(fit.wi) == pytest.approx(np.trace(P @ K), rel=1e-9)
    assert fit.trace_of_two(fit.wi, fit.wi) == pytest.approx(np.trace(P @ K @ P @ K), rel=1e-9)
    scan, given = model.scan(np.array([tau2, 1.0])), model.given(np.array([tau2, 1.0]))
    assert scan.q2[0] == pytest.approx(y @ P @ K @ P @ y, rel=1e-9)
    assert [scan.q[0], given.q[0]] == pytest.approx([fit.q, fit.q], rel=1e-12)
    np.testing.assert_allclose(given.covariance[0], g, rtol=1e-12, atol=1e-15)
    # Up to what does not depend on tau2.
    logs = [np.linalg.slogdet(v)[1] for v in (V, dense(evidence, 1.0)[2])]
    assert np.diff(scan.sum_log_variances) == pytest.approx(np.diff(logs), rel=1e-9, abs=1e-9)
    other = dense(evidence, 1.0)
    more = np.linalg.slogdet(other[1].T @ np.linalg.solve(other[2], other[1]))[1]
    assert np.diff(given.log_det_precision) == pytest.approx([more - np.linalg.slogdet(precision)[1]], rel=1e-9)


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_independent_arms_are_stars(case):
    """Routes to one Laplacian: w = 1 / (v + tau2/2) of each arm, diag(w) − ww'/Σw of each study."""
    evidence, tau2 = from_arms(case), 0.2
    total = np.zeros((len(evidence.treatments),) * 2)
    for one in evidence.studies:
        if one.arm_variances is None:
            total[np.ix_(one.treatments, one.treatments)] += study_laplacian(one, tau2)
            continue
        w = 1 / (one.arm_variances + tau2 / 2)
        star = np.diag(w) - np.outer(w, w) / w.sum()
        np.testing.assert_allclose(star, study_laplacian(one, tau2), rtol=1e-9, atol=1e-12 * w.max())
        total[np.ix_(one.treatments, one.treatments)] += star
    whole = laplacian(evidence, tau2)
    np.testing.assert_allclose(whole, total, rtol=1e-9, atol=1e-10 * total.max())
    np.testing.assert_allclose(whole.sum(axis=1), 0.0, atol=1e-10 * total.max())
