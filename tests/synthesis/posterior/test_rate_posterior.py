"""Posteriors of rates against brute force, closed forms, and what must not matter."""

import math
import time

import numpy as np
import pytest

from evenhand.synthesis.posterior.hypergeometric_posterior import hypergeometric_posterior
from evenhand.synthesis.posterior.priors import HalfNormal, NormalPrior
from evenhand.synthesis.posterior.rate_posterior import rate_posterior, rate_ratio_posterior
from evenhand.synthesis.posterior.study_likelihood import hypergeometric_likelihood


def brute_force(log_studies, mu, prior_mu, tau_scale):
    """Mean and sd of mu and mean of tau on even grids of mu, tau and z, with theta = mu + tau z."""
    u, wu = np.polynomial.legendre.leggauss(40)
    tau = 4.5 * (u + 1) * tau_scale
    z = np.linspace(-8, 8, 81)
    w_z = np.exp(-0.5 * z**2)
    joint = np.exp(-0.5 * (tau / tau_scale) ** 2) * wu * np.ones((mu.size, 1))
    for log in log_studies:
        joint *= np.exp(log(mu[:, None, None] + tau[None, :, None] * z)) @ w_z
    joint *= np.exp(-0.5 * ((mu - prior_mu.mean) / prior_mu.sd) ** 2)[:, None]
    joint /= joint.sum()
    mean = float((mu[:, None] * joint).sum())
    return mean, math.sqrt(float(((mu[:, None] - mean) ** 2 * joint).sum())), float((tau * joint).sum())


@pytest.mark.parametrize(
    "counts",
    [
        [(7, 1344.0, 11, 1988.0), (3, 12012.0, 14, 10962.0), (1, 729.0, 8, 913.0)],
        [(0, 100.0, 4, 110.0), (0, 50.0, 1, 45.0)],
    ],
)
def test_rate_ratio_by_brute_force(counts):
    def log_of(x1, t1, x2, t2):
        return lambda theta: (
            x1 * theta + x1 * np.log(t1) + x2 * np.log(t2) - (x1 + x2) * np.logaddexp(theta + np.log(t1), np.log(t2))
        )

    mean, sd, tau = brute_force([log_of(*c) for c in counts], np.linspace(-16, 12, 2001), NormalPrior(0, 2.82), 0.5)
    posterior = rate_ratio_posterior(counts)
    assert posterior.mu.mean == pytest.approx(mean, abs=2e-5 * sd)
    assert posterior.mu.sd == pytest.approx(sd, rel=2e-5)
    assert posterior.tau.mean == pytest.approx(tau, rel=2e-5)


def test_one_arm_by_brute_force():
    events, person_time = [11, 0, 14], [1.988, 0.9, 10.962]
    prior = NormalPrior(1.0, 2.0)
    logs = [lambda theta, x=x, t=t: x * theta - t * np.exp(theta) for x, t in zip(events, person_time, strict=True)]
    mean, sd, tau = brute_force(logs, np.linspace(-12, 10, 2001), prior, 1.0)
    posterior = rate_posterior(events, person_time, prior_mu=prior)
    assert posterior.mu.mean == pytest.approx(mean, abs=2e-5 * sd)
    assert posterior.mu.sd == pytest.approx(sd, rel=2e-5)
    assert posterior.tau.mean == pytest.approx(tau, rel=2e-5)


def test_the_unit_of_time_moves_a_rate_by_its_log_and_a_ratio_not_at_all():
    days, years = rate_posterior([4, 9], [2000.0, 3000.0]), rate_posterior([4, 9], [2000.0 / 365, 3000.0 / 365])
    assert years.mu.mean - days.mu.mean == pytest.approx(math.log(365), abs=1e-6)
    assert years.mu.sd == pytest.approx(days.mu.sd, rel=1e-6)
    one = rate_ratio_posterior([(3, 100.0, 9, 110.0)])
    other = rate_ratio_posterior([(3, 10000.0, 9, 11000.0)])
    assert one.mu.mean == pytest.approx(other.mu.mean, abs=1e-9)


def test_a_study_without_event_moves_no_ratio():
    with_it = rate_ratio_posterior([(3, 100.0, 9, 110.0), (0, 500.0, 0, 600.0)])
    without = rate_ratio_posterior([(3, 100.0, 9, 110.0)])
    assert with_it.mu.mean == pytest.approx(without.mu.mean, abs=1e-12)
    assert len(with_it.shrinkage) == 2


def test_no_event_at_all_leaves_the_prior_of_a_ratio():
    posterior = rate_ratio_posterior([(0, 500.0, 0, 600.0)], prior_tau=HalfNormal(0.3))
    assert posterior.mu.mean == pytest.approx(0.0, abs=1e-6)
    assert posterior.mu.sd == pytest.approx(2.82, rel=1e-6)


def test_rare_events_make_odds_and_rates_one():
    rates = rate_ratio_posterior([(3, 1e6, 9, 1.1e6), (5, 2e6, 4, 2e6)])
    odds = hypergeometric_posterior([(3, 1_000_000, 9, 1_100_000), (5, 2_000_000, 4, 2_000_000)])
    assert rates.mu.mean == pytest.approx(odds.mu.mean, abs=1e-4)
    assert rates.mu.sd == pytest.approx(odds.mu.sd, rel=1e-4)


def test_a_large_study_is_read_from_a_table_and_says_the_same():
    a, n1, c, n2 = 160, 900, 190, 950
    table = hypergeometric_likelihood(a, n1, c, n2)
    from scipy.special import gammaln

    j = np.arange(0, a + c + 1)
    ways = gammaln(n1 + 1) - gammaln(j + 1) - gammaln(n1 - j + 1)
    ways += gammaln(n2 + 1) - gammaln(a + c - j + 1) - gammaln(n2 - a - c + j + 1)
    theta = np.linspace(table.low, table.high, 9)
    expected = ways[a] + a * theta - np.logaddexp.reduce(ways + j * theta[:, None], axis=1)
    assert table.log(theta) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert table.log_peak == pytest.approx(expected.max(), abs=0.2)


def test_counts_in_the_hundred_thousands_are_no_wall():
    started = time.process_time()
    posterior = hypergeometric_posterior([(120_000, 310_000, 121_000, 310_000), (60_000, 190_000, 60_500, 190_000)])
    # Every sum over 241,000 possible counts at every theta took minutes of memory traffic.
    assert time.process_time() - started < 15
    assert posterior.shrinkage[0].sd < 0.01


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: rate_ratio_posterior([(3, 0.0, 1, 5.0)]), r"counts\[0\]: treated arm: person-time 0.0"),
        (lambda: rate_ratio_posterior([(3, 2.0, -1, 5.0)]), r"counts\[0\]: control arm: -1 events"),
        (lambda: rate_posterior([3], [1.0, 2.0]), "1 counts of events but 2"),
        (lambda: rate_posterior([], []), "no study"),
        (lambda: rate_posterior([3], [-1.0]), r"events\[0\], time\[0\]: arm: person-time -1.0"),
    ],
)
def test_what_is_no_rate_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
