"""Röver (2020), J. Stat. Softw. 93(6), 1-51, sections 3.3 to 3.6: immunosuppression of children with new livers.

The paper's program sums the effects over a grid of heterogeneities. What it prints of the heterogeneity itself is exact
to four decimals; what it prints of effects is up to 0.002 from the integral over all heterogeneities.
"""

import math

import numpy as np
import pytest

from evenhand.effects import MEASURES
from evenhand.effects.zero_cells import HALF_WHERE_ZERO
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.prior_names import tau_prior
from evenhand.synthesis.posterior.priors import Flat, HalfNormal, LogNormalPrior, NormalPrior
from evenhand.synthesis.posterior.shortest_interval import shortest_interval
from tests.printed import printed

# Table 3 (Crins et al. 2014): acute rejections and patients, with IL-2 receptor antagonists and without.
TRIALS = np.array(
    [(14, 61, 15, 20), (16, 28, 19, 28), (3, 18, 8, 12), (9, 54, 29, 54), (4, 36, 11, 36), (0, 50, 3, 34)], dtype=float
)
YI, VI = MEASURES["OR"].estimate(*TRIALS.T, zero_cells=HALF_WHERE_ZERO)
RANDOMISED = [0, 4]


def on_a_grid(text):
    """The printed figure, and what the grid may have moved it by."""
    return pytest.approx(float(text), rel=0, abs=0.002 + 0.5 * 10 ** -len(text.partition(".")[2]))


def test_table_3():
    assert list(YI) == [printed(text) for text in ("-2.31", "-0.46", "-2.30", "-1.76", "-1.26", "-2.42")]
    assert list(np.sqrt(VI)) == [printed(text) for text in ("0.60", "0.56", "0.88", "0.46", "0.64", "1.53")]


@pytest.fixture(scope="module")
def posterior():
    return exact_posterior(YI, VI, prior_mu=NormalPrior(0, 4), prior_tau=HalfNormal(0.5))


def test_summary_of_the_heterogeneity(posterior):  # page 24
    assert posterior.tau.quantile(0.5) == printed("0.3445")
    assert posterior.tau.mean == printed("0.3811")
    assert posterior.tau.sd == printed("0.2594")
    assert shortest_interval(posterior.tau) == (0, printed("0.8607"))


@pytest.mark.parametrize(
    ("quantity", "median", "mean", "sd", "lower", "upper"),
    [  # page 24
        ("mu", "-1.5734819", "-1.5764365", "0.3295301", "-2.2311251", "-0.9263075"),
        ("prediction", "-1.5701653", "-1.5764365", "0.5671855", "-2.7661319", "-0.4072970"),
    ],
)
def test_summary_of_effects(posterior, quantity, median, mean, sd, lower, upper):
    found = getattr(posterior, quantity)
    assert found.quantile(0.5) == on_a_grid(median)
    assert found.mean == on_a_grid(mean)
    assert found.sd == on_a_grid(sd)
    assert shortest_interval(found) == (on_a_grid(lower), on_a_grid(upper))


def test_probabilities_and_quantiles(posterior):  # pages 25 to 27
    assert 1 - posterior.mu.cdf(0) == pytest.approx(0.00006187343, rel=0.03)  # the grid in a far tail
    assert 1 - posterior.tau.cdf(1) == printed("0.0210")
    assert posterior.tau.quantile(0.99) == printed("1.1092")
    assert shortest_interval(posterior.tau, 0.99) == (0, printed("1.1092"))
    assert [posterior.tau.quantile(p) for p in (0.005, 0.995)] == [printed("0.0035"), printed("1.2054")]


@pytest.mark.parametrize(
    ("trial", "median", "mean", "sd", "lower", "upper"),
    [  # page 28
        (0, "-1.7411356", "-1.7778965", "0.4229425", "-2.6561049", "-0.9920023"),
        (1, "-1.2821722", "-1.2339736", "0.4488759", "-2.0455088", "-0.3089461"),
    ],
)
def test_shrinkage(posterior, trial, median, mean, sd, lower, upper):
    found = posterior.shrinkage[trial]
    assert found.quantile(0.5) == on_a_grid(median)
    assert found.mean == on_a_grid(mean)
    assert found.sd == on_a_grid(sd)
    assert shortest_interval(found) == (on_a_grid(lower), on_a_grid(upper))


def test_prior_from_other_meta_analyses():
    """Page 31: surgical success or failure, a drug against control (Turner et al. 2015)."""
    prior = tau_prior("turner(surgical or device success; pharmacological v placebo)")
    assert isinstance(prior, LogNormalPrior)
    quantiles = [math.exp(prior.meanlog + z * prior.sdlog) for z in (-1.959964, 0, 1.959964)]
    assert quantiles == [printed("0.06234"), printed("0.34301"), printed("1.8873")]


def test_restricted_likelihood():  # page 32
    fit = meta_analysis(YI, VI, test="z")
    assert math.sqrt(fit.tau2) == pytest.approx(0.4670268, rel=1e-4)
    assert fit.estimate == printed("-1.5915")
    assert fit.se == printed("0.3341")


def test_given_the_heterogeneity_a_flat_prior_is_least_squares():
    """Page 32: conditional mean and standard deviation at the estimate of restricted likelihood."""
    fit = meta_analysis(YI, VI, tau2=0.4670268**2, test="z")
    assert fit.estimate == printed("-1.591513")
    assert fit.se == printed("0.334088")


def test_two_randomised_trials():  # page 33 and figure 6
    found = exact_posterior(YI[RANDOMISED], VI[RANDOMISED], prior_mu=NormalPrior(0, 4), prior_tau=HalfNormal(0.5))
    assert found.mu.cdf(0) == on_a_grid("0.9974968")
    assert found.mu.quantile(0.5) == on_a_grid("-1.78")
    assert shortest_interval(found.mu) == (on_a_grid("-2.86"), on_a_grid("-0.69"))
    assert found.prediction.quantile(0.5) == on_a_grid("-1.78")
    assert shortest_interval(found.prediction) == (on_a_grid("-3.25"), on_a_grid("-0.28"))


def test_flat_prior_of_the_effect_is_accepted_with_jeffreys():
    """Page 31: both improper, and the posterior proper."""
    found = exact_posterior(YI, VI, prior_mu=Flat(), prior_tau=tau_prior("Jeffreys"))
    assert math.isfinite(found.mu.sd)
