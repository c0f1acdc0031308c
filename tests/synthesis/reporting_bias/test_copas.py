"""Copas' selection model: its likelihood by integration, its peak by search, its limits and edges."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.reporting_bias.copas import copas_fit, copas_sensitivity
from evenhand.synthesis.reporting_bias.copas_likelihood import copas_peak, inverse_mills, log_likelihood_and_slope
from tests.conftest import golden

DATA = {
    case["key"]: (np.array(case["data"]["yi"]), np.array(case["data"]["vi"]))
    for case in golden("bias.json")
    if case["task"] == "pet_peese"
}


def test_likelihood_is_that_of_the_joint_normal_given_publication():
    u, mu, rho, tau2, vi = 0.4, 0.2, 0.6, 0.3, 0.25
    mills = math.exp(-u * u / 2) / math.sqrt(2 * math.pi) / ndtr(u)
    sigma = math.sqrt(vi / (1 - rho**2 * mills * (u + mills)))

    def density(y):
        """Of a published effect y, integrating over the true effect and conditioning on u + delta > 0."""

        def over(theta):
            e = (y - theta) / sigma
            shown = ndtr((u + rho * e) / math.sqrt(1 - rho**2))
            return (math.exp(-((theta - mu) ** 2) / (2 * tau2) - e * e / 2) * shown
                    / (2 * math.pi * math.sqrt(tau2) * sigma))  # fmt: skip

        return quad(over, -12, 12, epsrel=1e-11, limit=300)[0] / ndtr(u)

    for y in (-0.5, 0.2, 1.4):
        ours, _ = log_likelihood_and_slope(np.array([y]), np.array([vi]), np.array([u]), mu, rho, tau2, 0.0)
        assert ours == pytest.approx(math.log(density(y)), rel=1e-8)


def test_the_variance_of_published_effects_is_vi():
    """With no heterogeneity: what is published must have the variance that was reported."""
    u, rho, vi = 0.1, 0.8, 0.25

    def moment(power):
        def at(y):
            ours, _ = log_likelihood_and_slope(np.array([y]), np.array([vi]), np.array([u]), 0.0, rho, 0.0, 0.0)
            return y**power * math.exp(ours)

        return quad(at, -8, 8, epsrel=1e-11, limit=200)[0]

    assert moment(0) == pytest.approx(1, rel=1e-9)
    assert moment(2) - moment(1) ** 2 == pytest.approx(vi, rel=1e-9)


def test_slope_by_differences():
    rng = np.random.default_rng(0)
    y, v, u = rng.normal(size=6), rng.uniform(0.1, 0.5, 6), rng.normal(0.5, 0.5, 6)
    at = np.array([0.2, 0.6, 0.3, 0.1])
    slope = log_likelihood_and_slope(y, v, u, *at)[1]
    for j, step in enumerate(np.eye(4) * 1e-6):
        ahead, behind = (log_likelihood_and_slope(y, v, u, *(at + sign * step))[0] for sign in (1, -1))
        assert slope[j] == pytest.approx((ahead - behind) / 2e-6, rel=1e-6)


def test_inverse_mills_far_out():
    far = inverse_mills(np.array([-1e12, -40.0, 0.0, 40.0]))
    assert far[:3] == pytest.approx([1e12, 40.02496886, math.sqrt(2 / math.pi)], rel=1e-8)
    assert far[3] == 0


@pytest.mark.parametrize("key", DATA)
class TestData:
    def test_without_selection_it_is_maximum_likelihood(self, key):
        yi, vi = DATA[key]
        plain = meta_analysis(yi, vi, method="ML", test="z")
        fit = copas_fit(yi, vi, gamma0=10, gamma1=0)
        assert fit.estimate == pytest.approx(plain.estimate, rel=1e-7)
        assert fit.tau2 == pytest.approx(plain.tau2, abs=1e-8)
        assert fit.log_likelihood == pytest.approx(plain.fit.log_likelihood, abs=1e-8)
        assert fit.unpublished < 1e-10

    def test_no_point_is_better_than_the_peak(self, key):
        yi, vi = DATA[key]
        u = 0.2 + 0.1 / np.sqrt(vi)
        peak = copas_peak(yi, vi, u)
        assert peak.converged
        rng = np.random.default_rng(7)
        spread = float(np.std(yi))
        for _ in range(400):
            point = (rng.normal(np.mean(yi), spread), rng.uniform(-0.9999, 0.9999), spread**2 * rng.exponential())
            assert log_likelihood_and_slope(yi, vi, u, *point, 0.0)[0] <= peak.log_likelihood + 1e-8


def test_selection_pulls_the_effect_back():
    result = copas_sensitivity(*DATA["raudenbush1985"])
    assert all(fit.converged for fit in result.fits)
    assert result.fits[0].published_least == pytest.approx(0.99)
    assert result.fits[-1].published_least == pytest.approx(0.1)
    assert all(fit.published_most == pytest.approx(0.99) for fit in result.fits)
    assert result.fits[-1].estimate < result.fits[0].estimate
    # The adjusted fit is where the test of what asymmetry is left comes to its level.
    assert result.adjusted.bias_p_value == pytest.approx(0.10, abs=0.01)
    assert 0.9 < result.adjusted.published_least < 0.99


def test_mirror_shift_and_scale():
    yi, vi = DATA["bcg"]
    plain = copas_fit(yi, vi, gamma0=0.0, gamma1=0.2)
    moved = copas_fit(3 - 10 * yi, 100 * vi, gamma0=0.0, gamma1=2.0)
    assert moved.estimate == pytest.approx(3 - 10 * plain.estimate, rel=1e-5)
    assert moved.rho == pytest.approx(-plain.rho, rel=1e-3)
    assert moved.se == pytest.approx(10 * plain.se, rel=1e-3)


def test_standard_error_matches_the_curvature_of_the_profile():
    yi, vi = DATA["bcg"]
    u = 0.1 / np.sqrt(vi)
    peak = copas_peak(yi, vi, u)
    step = 0.05 * peak.se_mu
    profile = [
        max(
            log_likelihood_and_slope(yi, vi, u, peak.mu + shift, rho, tau2, 0.0)[0]
            for rho in np.linspace(peak.rho - 0.02, peak.rho + 0.02, 81)
            for tau2 in np.linspace(peak.tau2 - 0.02, peak.tau2 + 0.02, 81)
        )
        for shift in (-step, step)
    ]
    curvature = (2 * peak.log_likelihood - sum(profile)) / step**2
    assert peak.se_mu == pytest.approx(curvature**-0.5, rel=0.02)


def test_edges():
    assert copas_sensitivity([0.1, 0.2], [0.1, 0.2]).not_computed.key == "bias.none.few_studies"
    one_precision = copas_sensitivity([0.1, 0.5, 0.3], [0.1] * 3, published_least=(0.9, 0.5))
    assert all(fit.gamma1 == 0 for fit in one_precision.fits)
    identical = copas_fit([0.3] * 4, [0.1, 0.2, 0.3, 0.4], gamma0=0.5, gamma1=0.1)
    assert identical.tau2 == pytest.approx(0, abs=1e-6)
    assert math.isfinite(identical.estimate)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: copas_fit([0.1], [0.1], gamma0=math.inf, gamma1=0), "gamma0 = inf"),
        (lambda: copas_sensitivity([0.1] * 3, [0.1] * 3, published_least=[1.0]), r"published_least\[0\] = 1.0"),
        (lambda: copas_sensitivity([0.1] * 3, [0.1] * 3, published_most=1), "published_most = 1"),
    ],
)
def test_what_cannot_be_fitted_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
