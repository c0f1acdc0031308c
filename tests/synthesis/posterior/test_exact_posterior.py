"""The exact posterior against 8,000-node quadrature, against itself on finer panels, and where it hardly exists."""

import math

import numpy as np
import pytest

from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.priors import (
    DuMouchel,
    Exponential,
    Flat,
    HalfNormal,
    HalfT,
    ImproperUniform,
    Jeffreys,
    LogNormalPrior,
    NormalPrior,
    UniformPrior,
    half_cauchy,
)
from evenhand.synthesis.tau2.reml import restricted_log_likelihood
from tests.conftest import golden

FILE = golden("bayes.json")
CASES = [case for case in FILE if case["task"] == "bayesmeta"]
OTHER_TASKS = {"bmr", "bnma"}  # meta-regression has its own test; networks are not built


def prior_of_tau(options):
    match options:
        case {"name": "half-normal", "scale": scale}:
            return HalfNormal(scale)
        case {"name": "half-Cauchy", "scale": scale}:
            return half_cauchy(scale)
        case {"name": "half-t4", "scale": scale, "df": df}:
            return HalfT(scale, df)
        case {"name": "uniform", "lower": low, "upper": high}:
            return UniformPrior(low, high)
        case {"name": "log-normal", "meanlog": meanlog, "sdlog": sdlog}:
            return LogNormalPrior(meanlog, sdlog)
        case {"name": "exponential", "rate": rate}:
            return Exponential(rate)
    return {"uniform-improper": ImproperUniform(), "Jeffreys": Jeffreys(), "DuMouchel": DuMouchel()}[options["name"]]


def posterior_of(case, **options):
    mu = case["options"]["mu_prior"]
    return exact_posterior(
        case["data"]["yi"],
        np.square(case["data"]["sei"]),
        prior_mu=Flat() if mu == "improper uniform" else NormalPrior(mu["mean"], mu["sd"]),
        prior_tau=prior_of_tau(case["options"]["tau_prior"]),
        **options,
    )


def test_nothing_drops_out():
    assert {case["task"] for case in FILE} - {"bayesmeta"} == OTHER_TASKS
    assert len(CASES) == 105


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    posterior, expected = posterior_of(case), case["expected"]
    levels, direct = expected["q_levels"], expected.get("direct_quadrature")
    tau_sd = expected["tau"]["sd"] or expected["tau"]["q"][-1]  # no sd exists under one improper prior
    for p, x in zip(levels, expected["tau"]["q"], strict=True):
        assert posterior.tau.quantile(p) == pytest.approx(x, abs=1e-8 * tau_sd)
    if direct:
        sd = direct["mu_sd"]
        assert posterior.mu.mean == pytest.approx(direct["mu_mean"], abs=1e-9 * sd)
        assert posterior.mu.sd == pytest.approx(sd, rel=1e-9)
        for p, mu, new in zip(levels, direct["mu_q"], direct["pred_q"], strict=True):
            assert posterior.mu.quantile(p) == pytest.approx(mu, abs=1e-9 * sd)
            assert posterior.prediction.quantile(p) == pytest.approx(new, abs=1e-9 * sd)
        assert posterior.tau.mean == pytest.approx(direct["tau_mean"], abs=1e-9 * direct["tau_sd"])
        assert posterior.tau.sd == pytest.approx(direct["tau_sd"], rel=1e-9)
        assert posterior.log_marginal == pytest.approx(direct["log_marglik"], abs=1e-9)
    else:  # the grid of the reference program: up to 6e-4 sd in quantiles of mu, 2e-3 sd in those of a new study
        sd = expected["mu"]["q"][-1] - expected["mu"]["q"][0]
        for p, mu, new in zip(levels, expected["mu"]["q"], expected["pred"]["q"], strict=True):
            assert posterior.mu.quantile(p) == pytest.approx(mu, abs=6e-4 * sd)
            assert posterior.prediction.quantile(p) == pytest.approx(new, abs=2e-3 * sd)
    for own, mean, sd, median in zip(
        posterior.shrinkage, *(expected["shrinkage"][name] for name in ("mean", "sd", "median")), strict=True
    ):
        assert own.mean == pytest.approx(mean, abs=6e-4 * sd)
        assert own.sd == pytest.approx(sd, rel=6e-4)
        assert own.quantile(0.5) == pytest.approx(median, abs=6e-4 * sd)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_finer_panels_change_nothing(case):
    coarse, fine = posterior_of(case), posterior_of(case, nodes=32, tolerance=1e-15)
    for name in ("mu", "tau", "prediction"):
        ours, finer = getattr(coarse, name), getattr(fine, name)
        spread = finer.quantile(0.84) - finer.quantile(0.5)
        for p in (0.025, 0.5, 0.975):
            assert ours.quantile(p) == pytest.approx(finer.quantile(p), abs=1e-9 * spread)
        if math.isfinite(finer.sd):
            assert ours.mean == pytest.approx(finer.mean, abs=1e-9 * spread)
            assert ours.sd == pytest.approx(finer.sd, rel=1e-7)


def test_no_sd_exists_where_the_reference_finds_none():
    case = next(case for case in CASES if case["id"] == "bayesmeta/steurer2006/uniform-improper/mu=flat")
    assert case["expected"]["tau"]["sd"] is None
    assert posterior_of(case).tau.sd == math.inf
    assert posterior_of(case).mu.sd == math.inf


EIGHT = ([28.0, 8, -3, 7, -1, 1, 18, 12], np.square([15.0, 10, 16, 11, 9, 11, 10, 18]))


class TestOneStudy:
    def test_is_the_convolution_with_the_prior(self):
        posterior = exact_posterior([0.4], [0.09], prior_mu=NormalPrior(0, 2.82), prior_tau=HalfNormal(0.5))
        tau = np.linspace(0, 5, 200_001)
        spread = 0.09 + tau**2 + 2.82**2
        weight = np.exp(-2 * tau**2 - 0.5 * 0.16 / spread) / np.sqrt(spread)
        shrink = 2.82**2 / spread
        assert posterior.mu.mean == pytest.approx(float((weight * shrink * 0.4).sum() / weight.sum()), rel=1e-5)

    def test_leaves_tau_to_its_prior_under_a_flat_mean(self):
        posterior = exact_posterior([0.4], [0.09], prior_mu=Flat(), prior_tau=half_cauchy(0.5))
        assert posterior.tau.quantile(0.5) == pytest.approx(0.5, rel=1e-9)
        assert math.isnan(posterior.mu.mean)
        assert posterior.mu.sd == math.inf
        assert posterior.mu.quantile(0.5) == pytest.approx(0.4, rel=1e-12)

    @pytest.mark.parametrize("k", [1, 2])
    def test_has_no_posterior_without_a_proper_prior(self, k):
        with pytest.raises(ValueError, match=f"{k} studies .* not proper"):
            exact_posterior([0.4, 0.1][:k], [0.09, 0.1][:k], prior_mu=Flat(), prior_tau=ImproperUniform())


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_units_do_not_matter(scale):
    plain = exact_posterior(*EIGHT, prior_mu=Flat(), prior_tau=HalfNormal(12.0))
    yi, vi = np.array(EIGHT[0]) * scale, EIGHT[1] * scale**2
    scaled = exact_posterior(yi, vi, prior_mu=Flat(), prior_tau=HalfNormal(12.0 * scale))
    assert scaled.mu.quantile(0.025) == pytest.approx(plain.mu.quantile(0.025) * scale, rel=1e-10)
    assert scaled.tau.quantile(0.5) == pytest.approx(plain.tau.quantile(0.5) * scale, rel=1e-10)


def test_a_prior_far_smaller_than_the_data_is_followed():
    posterior = exact_posterior(*EIGHT, prior_mu=Flat(), prior_tau=HalfNormal(1e-6))
    assert posterior.tau.mean == pytest.approx(1e-6 * math.sqrt(2 / math.pi), rel=1e-9)
    weights = 1 / EIGHT[1]
    assert posterior.mu.sd == pytest.approx(1 / math.sqrt(weights.sum()), rel=1e-9)


def test_two_peaks_of_tau():
    yi, vi = [0.0, 0.0001, -0.0001, 4.0, 0.0], [1e-8, 1e-8, 1e-8, 1.0, 9.0]
    posterior = exact_posterior(yi, vi, prior_mu=Flat(), prior_tau=HalfNormal(2.0))
    # By brute force on the log of tau, which sees both peaks.
    u = np.linspace(math.log(1e-9), math.log(20), 400_001)
    tau = np.exp(u)
    logs = restricted_log_likelihood(np.array(yi), np.array(vi), tau**2) - tau**2 / 8 + u
    mass = np.exp(logs - logs.max())
    below = float(mass[tau < 0.01].sum() / mass.sum())
    assert posterior.tau.cdf(0.01) == pytest.approx(below, abs=1e-4)


def test_many_studies_leave_the_prior_behind():
    rng = np.random.default_rng(5)
    vi = rng.uniform(0.01, 0.2, 3000)
    yi = rng.normal(0.5, np.sqrt(vi + 0.09))
    posterior = exact_posterior(yi, vi, prior_mu=NormalPrior(0, 2.82), prior_tau=HalfNormal(0.5))
    assert posterior.tau.mean == pytest.approx(0.3, abs=4 * posterior.tau.sd)
    assert posterior.tau.sd < 0.01
    assert posterior.mu.mean == pytest.approx(0.5, abs=4 * posterior.mu.sd)


def test_shrinkage_goes_from_the_studies_to_the_mean():
    posterior = exact_posterior(*EIGHT, prior_mu=Flat(), prior_tau=HalfNormal(12.0))
    for effect, own in zip(EIGHT[0], posterior.shrinkage, strict=True):
        assert abs(own.mean - posterior.mu.mean) < abs(effect - posterior.mu.mean)


def test_priors_are_printed():
    posterior = exact_posterior(*EIGHT, prior_mu=NormalPrior(0, 44), prior_tau=half_cauchy(12.5))
    assert (posterior.prior_mu, posterior.prior_tau) == ("normal(0, 44)", "half-Cauchy(12.5)")


@pytest.mark.parametrize(("yi", "vi", "says"), [([1.0, math.inf], [1, 1], r"yi\[1\]"), ([1.0], [0.0], r"vi\[0\]")])
def test_what_cannot_be_pooled_is_named(yi, vi, says):
    with pytest.raises(ValueError, match=says):
        exact_posterior(yi, vi, prior_mu=Flat(), prior_tau=HalfNormal(1))
