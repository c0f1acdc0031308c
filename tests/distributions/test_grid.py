"""Densities on panels against distributions whose quantiles are known."""

import math

import numpy as np
import pytest

from evenhand.distributions import GridDistribution, Normal, integrate_density

LEVELS = (1e-6, 0.01, 0.025, 0.3, 0.5, 0.8, 0.975, 0.999, 1 - 1e-6)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_normal_from_its_density(scale):
    grid = GridDistribution.from_density(
        lambda x: -0.5 * (x / scale) ** 2, [-scale, scale], left_tail=True, right_tail=True
    )
    exact = Normal(0.0, scale)
    assert grid.sd == pytest.approx(scale, rel=1e-12)
    for p in LEVELS:
        assert grid.quantile(p) == pytest.approx(exact.quantile(p), abs=1e-9 * scale)
        assert grid.cdf(exact.quantile(p)) == pytest.approx(p, abs=1e-12)


def test_half_cauchy_with_its_endless_tail():
    grid = GridDistribution.from_density(lambda x: -np.log1p(x**2), [0.0, 0.5, 1.0], right_tail=True)
    for p in LEVELS:
        assert grid.quantile(p) == pytest.approx(math.tan(0.5 * math.pi * p), rel=1e-8)


def test_jumps_at_both_ends_of_the_support():
    grid = GridDistribution.from_density(lambda x: -x, [1.0, 3.0])
    assert (grid.cdf(0.9), grid.cdf(3.1), grid.quantile(0.0), grid.quantile(1.0)) == (0.0, 1.0, 1.0, 3.0)
    whole = math.exp(-1) - math.exp(-3)
    for p in LEVELS:
        assert grid.quantile(p) == pytest.approx(-math.log(math.exp(-1) - p * whole), rel=1e-12)


@pytest.mark.parametrize("log", [lambda x: x + math.inf, lambda x: x * math.nan])
def test_an_infinite_density_is_refused(log):
    with pytest.raises(ValueError, match="density"):
        integrate_density(log, [0.0, 1.0])


def test_two_far_peaks_a_thousandth_as_wide():
    log = lambda x: np.logaddexp(-0.5 * ((x - 1) / 1e-3) ** 2, -0.5 * ((x - 9) / 1e-3) ** 2 + math.log(3))  # noqa: E731
    grid = GridDistribution.from_density(log, np.linspace(0, 10, 201))
    assert grid.cdf(5.0) == pytest.approx(0.25, abs=1e-10)
    assert grid.mean == pytest.approx(0.25 * 1 + 0.75 * 9, abs=1e-9)
    assert grid.quantile(0.25 + 0.75 * 0.975) == pytest.approx(9 + 1.959963984540054e-3, abs=1e-9)


def test_log_total_is_the_integral():
    panels = integrate_density(lambda x: -(x**2), [-1.0, 1.0], left_tail=True, right_tail=True)
    assert panels.log_total == pytest.approx(0.5 * math.log(math.pi), abs=1e-13)
    assert panels.converged


def test_a_density_that_is_not_integrable_does_not_converge():
    assert not integrate_density(lambda x: -np.log(x), [0.0, 1.0]).converged


def test_finer_panels_change_nothing():
    coarse, fine = (
        GridDistribution.from_panels(
            integrate_density(lambda x: -x - np.log1p(x), [0.0, 2.0], right_tail=True, nodes=n)
        )
        for n in (16, 32)
    )
    for p in LEVELS:
        assert coarse.quantile(p) == pytest.approx(fine.quantile(p), rel=1e-10)


def test_expectation_of_a_function():
    grid = GridDistribution.from_density(lambda x: -x, [0.0, 1.0], right_tail=True)
    assert grid.expect(lambda x: np.exp(-x)) == pytest.approx(0.5, rel=1e-12)
