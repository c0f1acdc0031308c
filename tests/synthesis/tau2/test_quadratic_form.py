"""The distribution of a positive combination of chi-squares, where it has a closed form or a series."""

import numpy as np
import pytest
from scipy.special import chdtr, chdtrc, chdtri

from evenhand.synthesis.tau2.quadratic_form import QuadraticForm


def orthonormal(k, p, seed=0):
    rng = np.random.default_rng([k, p, seed])
    return np.linalg.qr(np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))]))[0]


@pytest.mark.parametrize(("k", "p"), [(2, 1), (3, 1), (4, 2), (5, 4), (10, 3), (50, 1), (500, 4), (2000, 1)])
@pytest.mark.parametrize("lower", [1e-12, 1e-6, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999, 1 - 1e-8])
def test_equal_weights_are_a_chi_square(k, p, lower):
    form, x = QuadraticForm(np.full(k, 3.7), orthonormal(k, p)), 3.7 * float(chdtri(k - p, 1 - lower))
    assert form.lower(x) == pytest.approx(chdtr(k - p, x / 3.7), rel=1e-9, abs=1e-13)
    assert form.upper(x) == pytest.approx(chdtrc(k - p, x / 3.7), rel=1e-9, abs=1e-13)


def by_series(eigenvalues, x):
    """Ruben's (1962) series of chi-squares with mixing weights that are positive and sum to 1, all of them."""
    scale = 0.99 * eigenvalues.min()
    ratios, terms = 1 - scale / eigenvalues, 1500
    weights, powers = np.zeros(terms), np.zeros(terms + 1)
    weights[0] = np.sqrt(np.prod(scale / eigenvalues))
    for m in range(1, terms):
        powers[m] = 0.5 * np.sum(ratios**m)
        weights[m] = powers[1 : m + 1][::-1] @ weights[:m] / m
    assert weights.sum() == pytest.approx(1, abs=1e-13)
    return float(weights @ chdtr(eigenvalues.size + 2 * np.arange(terms), x / scale))


@pytest.mark.parametrize(("k", "p"), [(2, 1), (3, 1), (6, 1), (6, 3), (12, 5)])
@pytest.mark.parametrize("of_mean", [0.05, 0.3, 1.0, 2.0, 5.0])
def test_unequal_weights_against_a_series(k, p, of_mean):
    rng = np.random.default_rng([k, p])
    weights, spread = np.exp(0.4 * rng.normal(size=(2, k)))
    design = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
    z, d = np.linalg.qr(np.sqrt(weights)[:, None] * design)[0], weights * spread
    matrix = np.sqrt(d)[:, None] * (np.eye(k) - z @ z.T) * np.sqrt(d)
    eigenvalues = np.linalg.eigvalsh(matrix)[p:]
    x = of_mean * eigenvalues.sum()
    assert QuadraticForm(d, z).lower(x) == pytest.approx(by_series(eigenvalues, x), abs=1e-12)


@pytest.mark.parametrize("orders", [4, 8, 12])
def test_weights_that_differ_by_orders(orders):
    # One weight beside which the others vanish, orthogonal to the mean's direction: the χ² of one degree of freedom.
    small = 10.0**-orders
    d, z = np.array([1.0, 1.0, small, small]), np.full((4, 1), 0.5)
    for x in (0.1, 1.0, 4.0):
        # (I − zz') couples them at the order of √small; the heavy pair's difference has variance 1, its sum nearly 0.5.
        matrix = np.sqrt(d)[:, None] * (np.eye(4) - z @ z.T) * np.sqrt(d)
        eigenvalues = np.linalg.eigvalsh(matrix)
        heavy = eigenvalues[eigenvalues > 0.1]
        assert heavy.size == 2
        assert QuadraticForm(d, z).lower(x) == pytest.approx(by_series(heavy, x), abs=20 * small)


def test_nothing_and_no_degrees_of_freedom():
    form = QuadraticForm(np.ones(3), orthonormal(3, 1))
    assert (form.lower(0.0), form.upper(0.0)) == (0.0, 1.0)
    assert QuadraticForm(np.ones(2), orthonormal(2, 2)).lower(0.0) == 1.0
