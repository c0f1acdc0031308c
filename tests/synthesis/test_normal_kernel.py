"""The kernel against exact rational arithmetic on full k × k matrices, where studies' weights differ by orders."""

from fractions import Fraction

import numpy as np
import pytest

from evenhand.synthesis.normal_kernel import NormalModel, checked_design, checked_studies, given_tau2

exact = np.vectorize(Fraction, otypes=[object])


def solved(a, b):
    """a⁻¹ b by elimination in rational numbers."""
    a, b = a.copy(), b.copy()
    for i in range(len(a)):
        for row in range(len(a)):
            if row != i:
                factor = a[row, i] / a[i, i]
                a[row], b[row] = a[row] - factor * a[i], b[row] - factor * b[i]
    return np.array([[b[i, j] / a[i, i] for j in range(b.shape[1])] for i in range(len(a))], dtype=object)


def diagonal(values):
    matrix = np.full((len(values), len(values)), Fraction(0), dtype=object)
    matrix[np.arange(len(values)), np.arange(len(values))] = values
    return matrix


def projection(wi, x):
    """W − WX(X'WX)⁻¹X'W."""
    wx = diagonal(wi) @ x
    return diagonal(wi) - wx @ solved(x.T @ wx, wx.T)


@pytest.mark.parametrize("orders", [1, 4, 8])
@pytest.mark.parametrize(("k", "p"), [(2, 1), (3, 1), (4, 3), (6, 2), (8, 4)])
def test_traces_and_squares(k, p, orders):
    rng = np.random.default_rng([k, p, orders])
    x = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
    vi, yi = 10.0 ** rng.uniform(-orders, 1, k), 100 + rng.normal(size=k)
    fit = NormalModel.of(yi, vi, x).at(0.0)
    big_x, big_v, big_y = exact(x), exact(vi), exact(yi)
    big_p, v = projection(1 / big_v, big_x), diagonal(big_v)
    wv = fit.wi * vi
    for name, ours, reference in [
        ("q", fit.q, big_y @ big_p @ big_y),
        ("tr P", fit.trace(fit.wi), np.trace(big_p)),
        ("tr PP", fit.trace_of_two(fit.wi, fit.wi), np.trace(big_p @ big_p)),
        ("tr PV", fit.trace(wv), np.trace(big_p @ v)),
        ("tr PVP", fit.trace_of_two(fit.wi, wv), np.trace(big_p @ v @ big_p)),
        ("tr PVPV", fit.trace_of_two(wv, wv), np.trace(big_p @ v @ big_p @ v)),
    ]:
        assert ours == pytest.approx(float(reference), rel=1e-8), name


def test_one_study_with_nearly_all_the_weight_does_not_drown_the_others():
    # Of three equal studies beside it tr PP is 3 − 2·3/… to the last digits; Σw² − 2Σw³/Σw + (Σw²/Σw)² would give 0.
    vi = np.array([1e-12, 1.0, 1.0, 1.0])
    fit = NormalModel.of(np.arange(4.0), vi).at(0.0)
    wi = exact(1 / vi)
    big_p = projection(wi, exact(np.ones((4, 1))))
    assert fit.trace_of_two(fit.wi, fit.wi) == pytest.approx(float(np.trace(big_p @ big_p)), rel=1e-12)


@pytest.mark.parametrize("x", [None, "slope"])
def test_many_variances_at_once_are_each_their_own_fit(x):
    rng = np.random.default_rng(5)
    yi, vi = rng.normal(size=9), rng.uniform(0.1, 2, 9)
    design = None if x is None else np.column_stack([np.ones(9), rng.normal(size=9)])
    model, tau2 = NormalModel.of(yi, vi, design), np.array([0.0, 0.3, 7.0])
    given, scan = given_tau2(yi, vi, tau2, design), model.scan(tau2)
    for i, one in enumerate(tau2):
        fit = model.at(float(one))
        np.testing.assert_allclose(given.beta[i], model.beta(fit), rtol=1e-12)
        inverse = np.linalg.inv(model.X.T @ (fit.wi[:, None] * model.X))
        np.testing.assert_allclose(given.covariance[i], inverse, rtol=1e-12)
        np.testing.assert_allclose(given.log_det_precision[i], -np.linalg.slogdet(inverse)[1], rtol=1e-12)
        np.testing.assert_allclose(scan.log_det_precision[i], given.log_det_precision[i], rtol=1e-12)
        np.testing.assert_allclose([scan.q[i], given.q[i]], fit.q, rtol=1e-12)
        np.testing.assert_allclose(scan.trace[i], fit.trace(fit.wi), rtol=1e-12)
        np.testing.assert_allclose(scan.q2[i], ((fit.wi * fit.residual) ** 2).sum(), rtol=1e-12)


def test_identical_effects_leave_exactly_nothing():
    assert NormalModel.of(np.full(3, 0.1), np.array([0.1, 0.2, 0.7])).at(0.0).q == 0.0
    # Nor does a straight line that fits exactly.
    x = np.column_stack([np.ones(5), np.arange(5.0)])
    assert NormalModel.of(x @ [0.1, 0.7], np.full(5, 0.3), x).at(0.0).q == 0.0


@pytest.mark.parametrize(
    ("x", "says"),
    [
        ([[1, 1], [1, 2]], "shape .2, 2.: .* 3 studies"),
        ([[1, 0], [1, 0], [1, 0]], "column 1 .* all 0"),
        ([[1, 2], [1, 2], [1, 2]], "column 1 .* sum of the columns before"),
        ([[1, 2, 3], [1, 3, 4], [1, 5, 6]], "column 2 .* sum of the columns before"),
        ([[1, np.nan], [1, 1], [1, 2]], r"X\[0, 1\] = nan"),
        ([[1, 2, 3, 5], [1, 3, 4, 4], [1, 5, 6, 9]], "4 coefficients but 3 studies"),
    ],
)
def test_what_is_no_design_matrix_is_named(x, says):
    with pytest.raises(ValueError, match=says):
        checked_design(x, 3)


def test_what_is_out_of_range_is_named():
    with pytest.raises(ValueError, match=r"yi\[1\] = 1e\+90: out of the range"):
        checked_studies([0.0, 1e90], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"vi\[0\] = 1e-300: out of the range"):
        checked_studies([0.0, 1.0], [1e-300, 1.0])
