"""A proportion from one study is a beta; from several, a random-effects model that brute force confirms."""

import math

import numpy as np
import pytest
from scipy.special import betaln, digamma, expit, gammaln, polygamma

from evenhand.distributions import Beta, LogitBeta, Transformed
from evenhand.synthesis.posterior.priors import HalfNormal, NormalPrior
from evenhand.synthesis.posterior.proportion_posterior import proportion_posterior


class TestOneStudy:
    def test_is_jeffreys_beta(self):
        posterior = proportion_posterior([8], [25])
        assert posterior.mu == LogitBeta(8.5, 17.5)
        assert posterior.tau is None
        people = Transformed(posterior.mu, "expit")
        for p in (0.025, 0.5, 0.975):
            assert people.quantile(p) == pytest.approx(Beta(8.5, 17.5).quantile(p), rel=1e-12)

    def test_moments_in_closed_form(self):
        mu = proportion_posterior([8], [25]).mu
        assert mu.mean == pytest.approx(digamma(8.5) - digamma(17.5))
        assert mu.sd == pytest.approx(math.sqrt(polygamma(1, 8.5) + polygamma(1, 17.5)))

    def test_log_marginal_is_beta_binomial(self):
        ways = gammaln(26) - gammaln(9) - gammaln(18)
        expected = ways + betaln(8.5, 17.5) - betaln(0.5, 0.5)
        assert proportion_posterior([8], [25]).log_marginal == pytest.approx(expected, abs=1e-12)

    def test_under_another_prior_takes_the_random_effects(self):
        posterior = proportion_posterior([8], [25], prior_mu=NormalPrior(0, 2))
        assert posterior.tau is not None
        assert posterior.prior_mu == "normal(0, 2)"


def brute_force(events, n, tau_scale=1.0):
    """Moments of mu and tau on even grids of mu, tau and z, with theta = mu + tau z."""
    mu = np.linspace(-90, 40, 1501)
    u, wu = np.polynomial.legendre.leggauss(40)
    tau, w_tau = 4.5 * (u + 1) * tau_scale, wu * np.exp(-0.5 * (4.5 * (u + 1)) ** 2)
    z = np.linspace(-8, 8, 61)
    w_z = np.exp(-0.5 * z**2)
    joint = np.ones((mu.size, tau.size)) * w_tau
    for x, size in zip(events, n, strict=True):
        theta = mu[:, None, None] + tau[None, :, None] * z
        joint *= np.exp(-x * np.logaddexp(0, -theta) - (size - x) * np.logaddexp(0, theta)) @ w_z
    joint *= np.sqrt(expit(mu) * expit(-mu))[:, None]
    joint /= joint.sum()
    mean = float((mu[:, None] * joint).sum())
    sd = math.sqrt(float(((mu[:, None] - mean) ** 2 * joint).sum()))
    return mean, sd, float((tau * joint).sum())


@pytest.mark.parametrize(("events", "n"), [([8, 3], [25, 30]), ([0, 0], [25, 30]), ([5, 1], [5, 9])])
def test_brute_force_in_three_dimensions(events, n):
    posterior, (mean, sd, tau) = proportion_posterior(events, n), brute_force(events, n)
    assert posterior.mu.mean == pytest.approx(mean, abs=1e-5 * sd)
    assert posterior.mu.sd == pytest.approx(sd, rel=1e-5)
    assert posterior.tau.mean == pytest.approx(tau, rel=1e-5)


@pytest.mark.parametrize(
    ("events", "n"),
    [
        ([8, 3], [25, 30]),
        ([0, 0], [25, 30]),
        ([0, 0, 0, 0, 1], [25, 30, 40, 500, 60]),
        ([25, 30], [25, 30]),
        ([5, 9, 8, 20, 30, 0, 2, 4], [100] * 8),
        ([3, 12_000], [1_000_000, 30_000]),
    ],
)
def test_a_finer_quadrature_changes_nothing(events, n):
    coarse = proportion_posterior(events, n)
    fine = proportion_posterior(events, n, spacing=0.35, tolerance=1e-10)
    pairs = [(getattr(coarse, name), getattr(fine, name)) for name in ("mu", "tau", "prediction")]
    for ours, finer in [*pairs, *zip(coarse.shrinkage, fine.shrinkage, strict=True)]:
        for p in (0.025, 0.5, 0.975):
            assert ours.quantile(p) == pytest.approx(finer.quantile(p), abs=1e-6 * finer.sd)
        assert ours.sd == pytest.approx(finer.sd, rel=1e-6)


def test_without_differences_between_studies_they_add_up():
    posterior = proportion_posterior([8, 3, 0], [25, 30, 4], prior_tau=HalfNormal(1e-3))
    together = LogitBeta(11.5, 59 - 11 + 0.5)
    assert posterior.mu.mean == pytest.approx(together.mean, abs=1e-4)
    assert posterior.mu.quantile(0.975) == pytest.approx(together.quantile(0.975), abs=1e-4)


def test_a_study_of_nobody_adds_nothing():
    alone, beside = proportion_posterior([8, 3], [25, 30]), proportion_posterior([8, 3, 0], [25, 30, 0])
    assert beside.mu.quantile(0.9) == pytest.approx(alone.mu.quantile(0.9), rel=1e-12)
    assert beside.shrinkage[2].quantile(0.9) == pytest.approx(alone.prediction.quantile(0.9), rel=1e-12)


def test_counting_the_others_changes_the_sign():
    plain, turned = proportion_posterior([8, 0], [25, 30]), proportion_posterior([17, 30], [25, 30])
    assert turned.mu.quantile(0.2) == pytest.approx(-plain.mu.quantile(0.8), abs=1e-6)


@pytest.mark.parametrize(
    ("events", "n", "says"),
    [
        ([8, 31], [25, 30], r"events\[1\], n\[1\]: .*31 events among 30"),
        ([8], [25, 30], "1 counts of events but 2"),
        ([], [], "no study"),
    ],
)
def test_what_cannot_be_pooled_is_named(events, n, says):
    with pytest.raises(ValueError, match=says):
        proportion_posterior(events, n)
