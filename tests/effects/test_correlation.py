"""The unbiased correlation where series fail: near 0, in few people and in very many."""

from fractions import Fraction

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.correlation import hypergeometric


def in_fractions(a, b, c, z, terms=2000):
    """The sum of the series with each ratio of terms in fractions, to where its tail is below 1e-12 of it."""
    a, b, c, z = Fraction(a), Fraction(b), Fraction(c), Fraction(z)
    total, term = 0.0, 1.0
    for k in range(terms):
        total += term
        term *= float((a + k) * (b + k) / ((c + k) * (k + 1)) * z)
    return total


@pytest.mark.parametrize(("r", "n"), [(0.3, 40), (-0.04, 12), (0.8, 100), (0.15, 1832), (0.0, 60), (0.999, 12)])
def test_is_the_sum_of_its_series(r, n):
    z, half = 1 - r**2, Fraction(1, 2)
    assert hypergeometric(0.5, 0.5, (n - 2) / 2, r)[0] == pytest.approx(in_fractions(half, half, Fraction(n - 2, 2), z))
    assert hypergeometric(1.0, 1.0, n / 2, r)[0] == pytest.approx(in_fractions(1, 1, Fraction(n, 2), z))


def test_of_no_correlation_has_gauss_s_sum():
    """₂F₁(a, b; c; 1) = Γ(c) Γ(c - a - b) / (Γ(c - a) Γ(c - b)); for a = b = 1 that is (c - 1) / (c - 2)."""
    for n in (5, 8, 50, 5000):
        assert hypergeometric(1.0, 1.0, n / 2, 0.0)[0] == pytest.approx((n / 2 - 1) / (n / 2 - 2), rel=1e-12)


def test_is_unbiased():
    """Its mean over the exact distribution of r in 8 people at a true correlation of 0.6 (Hotelling 1953)."""
    from scipy.special import gammaln, hyp2f1

    rho, n = 0.6, 8
    nodes, weights = np.polynomial.legendre.leggauss(400)
    m = n - 1
    log_density = (
        np.log(n - 2) + gammaln(m) + 0.5 * m * np.log1p(-(rho**2)) + 0.5 * (n - 4) * np.log1p(-(nodes**2))
        - 0.5 * np.log(2 * np.pi) - gammaln(m + 0.5) - (n - 1.5) * np.log1p(-rho * nodes)
    )  # fmt: skip
    density = np.exp(log_density) * hyp2f1(0.5, 0.5, n - 0.5, (1 + rho * nodes) / 2)
    assert (weights * density).sum() == pytest.approx(1.0, rel=1e-9)
    yi, vi = MEASURES["UCOR"].estimate(nodes, np.full(400, float(n)), vtype="UB")
    mean = (weights * density * yi).sum()
    assert mean == pytest.approx(rho, rel=1e-9)
    assert (weights * density * vi).sum() == pytest.approx((weights * density * (yi - mean) ** 2).sum(), rel=1e-8)


@pytest.mark.parametrize("n", [0, 3, 4])
def test_too_few_people_give_none(n):
    assert np.isnan(MEASURES["UCOR"].estimate(np.array([0.3]), np.array([n]))[0]).all()


def test_z_needs_four_people():
    yi, vi = MEASURES["ZCOR"].estimate(np.array([0.3, 0.3, 1.0]), np.array([3, 4, 20]))
    np.testing.assert_array_equal(np.isfinite(yi) & np.isfinite(vi), [False, True, False])
