"""Priors by name, and the empirical ones against what their papers print."""

import math

import numpy as np
import pytest

from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.hypergeometric_posterior import hypergeometric_posterior
from evenhand.synthesis.posterior.prior_names import mu_prior, tau_prior
from evenhand.synthesis.posterior.priors import HalfNormal, LogNormalPrior, LogTPrior, NormalPrior, half_cauchy
from evenhand.synthesis.posterior.priors_empirical import (
    AREAS,
    BINARY_COMPARISONS,
    BINARY_OUTCOMES,
    CONTINUOUS_COMPARISONS,
    CONTINUOUS_OUTCOMES,
    rhodes,
    turner,
)


@pytest.mark.parametrize(
    ("text", "prior"),
    [
        ("half-normal(0.5)", HalfNormal(0.5)),
        ("half-Cauchy(0.3)", half_cauchy(0.3)),
        ("Half-Normal( 1 )", HalfNormal(1.0)),
        ("log-normal(-1.28, 0.87)", LogNormalPrior(-1.28, 0.87)),
        ("log-t(-1.72, 1.3, 5)", LogTPrior(-1.72, 1.3, 5.0)),
        ("turner", turner()),
        ("turner(pain)", turner("pain")),
        ("turner(semi-objective, pharmacological v placebo)", turner("semi-objective", "pharmacological v placebo")),
        (
            "rhodes(mental health; non-pharmacological v any; cancer)",
            rhodes("mental health", "non-pharmacological v any", "cancer"),
        ),
        (
            "rhodes(general health, adverse events, pain or quality of life; pharmacological v placebo)",
            rhodes("general health, adverse events, pain or quality of life"),
        ),
    ],
)  # fmt: skip
def test_a_name_is_read(text, prior):
    assert tau_prior(text) == prior


@pytest.mark.parametrize(
    "text",
    ["half-normal(0.5)", "half-t(0.5, 4)", "uniform(0, 4)", "log-normal(-1, 0.9)", "log-t(-1.7, 1.3, 5)",
     "improper uniform", "Jeffreys", "DuMouchel", "half-Cauchy(0.5)"],
)  # fmt: skip
def test_what_a_report_prints_is_a_name(text):
    assert str(tau_prior(text)) == text


def test_priors_of_the_mean():
    assert mu_prior("normal(0, 2.82)") == NormalPrior(0.0, 2.82)
    assert str(mu_prior("flat")) == "flat"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("half-norml(1)", "'half-norml.1.' is not known. Mend: did you mean 'half-normal'"),
        ("half-normal(a)", "write numbers between the brackets"),
        ("half-t(1)", "half-t takes 2 numbers, not 1"),
        ("half-normal(-1)", "scale = -1.0"),
        ("turner(mortalty)", "outcome 'mortalty' .* did you mean 'mortality'"),
        ("turner(pain; drug v placebo)", "comparison 'drug v placebo'"),
        ("turner(a; b; c)", "at most 2 words"),
        ("rhodes(pain)", "outcome 'pain'"),
        ("", "is not known"),
    ],
)
def test_a_wrong_name_says_what_there_is(text, says):
    with pytest.raises(ValueError, match=says):
        tau_prior(text)


@pytest.mark.parametrize(
    ("outcome", "comparison", "location", "scale"),
    [
        # Turner et al. (2015), table IV, of log tau².
        ("all-cause mortality", 0, -3.95, 1.34),
        ("all-cause mortality", 3, -2.92, 1.02),
        ("subjective", 4, -2.26, 1.45),
        # Turner et al. (2012).
        ("mortality", 0, -4.06, 1.45),
        ("semi-objective", 1, -3.23, 1.88),
        ("any subjective", 2, -2.01, 1.64),
        ("any subjective", 4, -2.01, 1.64),
    ],
)
def test_turner_as_printed(outcome, comparison, location, scale):
    found = turner(outcome, BINARY_COMPARISONS[comparison])
    assert (2 * found.meanlog, 2 * found.sdlog) == pytest.approx((location, scale), rel=1e-14)


def test_general_settings_as_printed():
    assert (2 * turner().meanlog, 2 * turner().sdlog) == pytest.approx((-2.56, 1.74))
    assert (2 * rhodes().location, 2 * rhodes().spread, rhodes().df) == pytest.approx((-3.44, 2.59, 5))


def test_tables_are_sums_of_rows_and_columns():
    """A figure copied wrongly would stand out: the papers' models add a share of the outcome and of the comparison."""
    rows = np.array([[2 * turner(o, c).meanlog for c in BINARY_COMPARISONS] for o in BINARY_OUTCOMES[:16]])
    assert np.ptp(rows - rows[:, :1], axis=0) == pytest.approx(0, abs=0.031)
    odd = set()
    for area in AREAS:
        table = np.array(
            [[2 * rhodes(o, c, area).location for c in CONTINUOUS_COMPARISONS] for o in CONTINUOUS_OUTCOMES]
        )
        shares = np.median(table - table[:, 1:2], axis=0)
        for i, j in np.argwhere(np.abs(table - table[:, 1:2] - shares) > 0.021):
            odd.add((CONTINUOUS_OUTCOMES[i], CONTINUOUS_COMPARISONS[j], area))
    assert odd == {
        ("mental health", "non-pharmacological v any", "other"),
        ("structure-related", "pharmacological v placebo", "cancer"),
    }


@pytest.mark.parametrize("prior", [turner("pain"), rhodes("obstetric"), tau_prior("log-t(0, 1, 5)")])
def test_an_empirical_prior_is_a_density(prior):
    u = np.linspace(-60, 60, 1_200_001)
    tau = np.exp(u)
    density = np.exp(prior.log_density(tau, np.ones(1)) + u)
    assert density.sum() * (u[1] - u[0]) == pytest.approx(1, abs=1e-5)
    below = density[tau < prior.scale(np.ones(1))].sum() * (u[1] - u[0])
    assert below == pytest.approx(0.5, abs=1e-3)
    assert math.isfinite(prior.scale(np.ones(1)))


def test_a_posterior_takes_priors_by_name():
    yi, vi = [0.1, 0.5, 0.3], [0.04, 0.09, 0.01]
    named = exact_posterior(yi, vi, prior_mu="normal(0, 2.82)", prior_tau="half-normal(0.5)")
    given = exact_posterior(yi, vi, prior_mu=NormalPrior(0, 2.82), prior_tau=HalfNormal(0.5))
    assert named.mu.quantile(0.3) == given.mu.quantile(0.3)
    assert (named.prior_mu, named.prior_tau) == (given.prior_mu, given.prior_tau)
    assert len(repr(named)) < 2000
    assert tau_prior(HalfNormal(0.5)) == HalfNormal(0.5)
    with pytest.raises(ValueError, match="prior 'half-normal': half-normal takes 1 numbers"):
        exact_posterior(yi, vi, prior_mu="flat", prior_tau="half-normal")


def test_counts_take_priors_by_name():
    counts = [(1, 25, 4, 25), (0, 30, 3, 31)]
    named = hypergeometric_posterior(counts, prior_mu="normal(0, 2.82)", prior_tau="half-normal(0.5)")
    assert named.mu.mean == hypergeometric_posterior(counts).mu.mean
