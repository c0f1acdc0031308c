"""Residuals and best linear predictions by their formulas on full matrices, with every kind of weights."""

import math

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.residuals import best_predictions, standardised_residuals


def studies():
    rng = np.random.default_rng(7)
    x = np.column_stack([np.ones(10), rng.normal(size=(10, 2))])
    vi = rng.uniform(0.05, 0.5, 10)
    return x @ [0.3, 1.0, -0.5] + rng.normal(0, np.sqrt(vi + 0.2)), vi, x


@pytest.mark.parametrize("test", ["z", "knha"])
@pytest.mark.parametrize("weights", ["inverse", "unweighted", "own"])
def test_formulas(weights, test):
    yi, vi, x = studies()
    own = np.linspace(1, 4, 10)
    fit = fit_linear(yi, vi, x, test=test, weights={"inverse": None, "unweighted": "unweighted", "own": own}[weights])
    total = np.diag(vi + fit.tau2)
    a = {"inverse": np.linalg.inv(total), "unweighted": np.eye(10), "own": np.diag(own)}[weights]
    hat = x @ np.linalg.inv(x.T @ a @ x) @ x.T @ a
    left = np.eye(10) - hat
    ours = standardised_residuals(fit)
    np.testing.assert_allclose(ours.residual, left @ yi, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(ours.se, np.sqrt(np.diagonal(left @ total @ left.T)), rtol=1e-10)
    np.testing.assert_allclose(ours.standardised, ours.residual / ours.se, rtol=1e-12)
    best, share = best_predictions(fit), fit.tau2 / (fit.tau2 + vi)
    np.testing.assert_allclose(best.effect, share * yi + (1 - share) * (x @ fit.beta), rtol=1e-10)
    variance = share * vi + (1 - share) ** 2 * np.diagonal(x @ fit.covariance @ x.T)
    np.testing.assert_allclose(best.se, np.sqrt(variance), rtol=1e-10)


def test_without_heterogeneity_every_study_has_the_pooled_effect():
    best = best_predictions(fit_linear([0.2, 0.25, 0.3], [0.5, 0.4, 0.3], test="z"))
    assert np.ptp(best.effect) == pytest.approx(0.0, abs=1e-15)


def test_a_study_that_fits_itself_alone_has_no_standardised_residual():
    ours = standardised_residuals(fit_linear([0.3], [0.1]))
    assert (ours.residual[0], ours.se[0]) == (0.0, 0.0)
    assert math.isnan(ours.standardised[0])


@pytest.mark.parametrize("weights", [None, "unweighted"])
def test_the_only_study_of_its_kind_has_none_either(weights):
    # What rounding leaves of 0 / 0 was shown as 1.05 here; metafor 3.8-1 (`rstandard`) prints 0.
    yi = [0.83, -0.21, 0.47, 1.31, 0.09, 0.6, 0.33]
    x = np.zeros((7, 5))
    x[np.arange(7), [0, 0, 1, 2, 2, 3, 4]] = 1.0
    for spread in (1.0, 1e-9):
        ours = standardised_residuals(fit_linear(yi, spread * np.arange(1, 8), x, test="z", weights=weights))
        assert np.isnan(ours.standardised[[2, 5, 6]]).all()
        assert np.isfinite(ours.standardised[[0, 1, 3, 4]]).all()
