"""Bayes factors, weights, shares beyond 0 and shortest intervals, against the reference file."""

import math

import numpy as np
import pytest

from evenhand.distributions import Normal
from evenhand.synthesis.posterior.bayes_factors import bayes_factors, posterior_weights
from evenhand.synthesis.posterior.priors import Flat, HalfNormal, ImproperUniform, NormalPrior
from evenhand.synthesis.posterior.shortest_interval import shortest_interval
from tests.synthesis.posterior.test_exact_posterior import CASES, posterior_of, prior_of_tau

WITH_FACTORS = [case for case in CASES if "BF01" in case["expected"]]


def given(case):
    mu = case["options"]["mu_prior"]
    return {
        "yi": case["data"]["yi"],
        "vi": np.square(case["data"]["sei"]),
        "prior_mu": Flat() if mu == "improper uniform" else NormalPrior(mu["mean"], mu["sd"]),
        "prior_tau": prior_of_tau(case["options"]["tau_prior"]),
    }


def test_nothing_drops_out():
    assert len(WITH_FACTORS) == 35


@pytest.mark.parametrize("case", WITH_FACTORS, ids=[case["id"] for case in WITH_FACTORS])
def test_factors(case):
    found, expected = bayes_factors(**given(case)), case["expected"]
    assert found.tau_zero == pytest.approx(expected["BF01"]["tau0"], rel=1e-9)
    assert found.mu_zero == pytest.approx(expected["BF01"]["mu0"], rel=1e-9)
    assert found.log_marginal == pytest.approx(expected["log_marginal_likelihood"], abs=1e-10)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_weights(case):
    found, expected = posterior_weights(**given(case)), case["expected"]["weights_mu"]
    k = len(case["data"]["yi"])
    assert found.studies == pytest.approx(expected[:k], abs=1e-10)
    assert found.prior == pytest.approx(sum(expected[k:]), abs=1e-10)
    assert found.studies.sum() + found.prior == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("case", CASES[::7], ids=[case["id"] for case in CASES[::7]])
def test_shortest_intervals(case):
    posterior = posterior_of(case)
    for name in ("mu", "tau"):
        own = getattr(posterior, name)
        lower, upper = shortest_interval(own)
        assert own.cdf(upper) - (own.cdf(lower) if lower > 0 or name == "mu" else 0) == pytest.approx(0.95, abs=1e-9)
        low, high = case["expected"][f"{name}_shortest95"]
        # The reference's own limits hold a little more or less than 95 %: ours are no longer, brought to theirs.
        held = own.cdf(high) - (own.cdf(low) if low > 0 or name == "mu" else 0)
        assert held == pytest.approx(0.95, abs=1e-4)
        assert upper - lower <= (high - low) * (1 + 1e-6 + 20 * max(0.0, 0.95 - held))
    above = 1 - posterior.mu.cdf(0.0)
    assert above == pytest.approx(case["expected"]["p_mu_gt_0"], abs=1e-4)


def test_an_improper_prior_has_no_factor():
    given = {"yi": [0.1, 0.5, -0.2, 0.4], "vi": [0.1] * 4}
    improper = bayes_factors(**given, prior_mu=Flat(), prior_tau=HalfNormal(0.5))
    assert math.isnan(improper.mu_zero)
    assert improper.tau_zero > 0
    without = bayes_factors(**given, prior_mu=NormalPrior(0, 1), prior_tau=ImproperUniform())
    assert math.isnan(without.tau_zero)
    assert without.mu_zero > 0


def test_one_study_has_a_closed_form():
    found = bayes_factors([0.8], [0.04], prior_mu=NormalPrior(0, 2), prior_tau=HalfNormal(1e-8))
    by_hand = math.sqrt(4.04 / 0.04) * math.exp(-0.5 * 0.64 * (1 / 0.04 - 1 / 4.04))
    assert found.mu_zero == pytest.approx(by_hand, rel=1e-9)
    assert found.tau_zero == pytest.approx(1, rel=1e-9)


def test_a_symmetric_distribution_has_its_central_interval():
    assert shortest_interval(Normal(1.0, 2.0)) == pytest.approx((1 - 2 * 1.959963985, 1 + 2 * 1.959963985), rel=1e-5)
    with pytest.raises(ValueError, match="level = 95"):
        shortest_interval(Normal(0.0, 1.0), 95)
