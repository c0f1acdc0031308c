"""Priors: names as printed, densities that integrate to one, defaults with their sources' numbers."""

import math

import numpy as np
import pytest

from evenhand.distributions import integrate_density
from evenhand.synthesis.posterior.priors import (
    DuMouchel,
    Exponential,
    Flat,
    HalfNormal,
    HalfT,
    ImproperUniform,
    Jeffreys,
    JeffreysProportion,
    LogNormalPrior,
    NormalPrior,
    UniformPrior,
    default_priors,
    half_cauchy,
)

VI = np.array([0.1, 0.4, 0.2])
PROPER = [HalfNormal(0.5), half_cauchy(0.5), HalfT(2.0, 4), UniformPrior(0.5, 3), Exponential(2.0),
          LogNormalPrior(-1.5, 0.8), DuMouchel()]  # fmt: skip


@pytest.mark.parametrize("prior", PROPER, ids=str)
def test_a_proper_prior_of_tau_integrates_to_one(prior):
    low, high = prior.support
    edges = [low, 1.0, min(high, 3.0)]
    panels = integrate_density(lambda tau: prior.log_density(tau, VI), edges, right_tail=math.isinf(high))
    assert panels.log_total == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("prior", [NormalPrior(1.0, 2.82), JeffreysProportion()], ids=str)
def test_a_proper_prior_of_the_mean_integrates_to_one(prior):
    edges = [-90.0, -20.0, 0.0, 20.0, 90.0]
    assert integrate_density(prior.log_density, edges).log_total == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("prior", "name"),
    [
        (HalfNormal(0.5), "half-normal(0.5)"),
        (half_cauchy(0.5), "half-Cauchy(0.5)"),
        (HalfT(0.5, 4), "half-t(0.5, 4)"),
        (UniformPrior(0, 5), "uniform(0, 5)"),
        (ImproperUniform(), "improper uniform"),
        (Exponential(2), "exponential(2)"),
        (LogNormalPrior(-1.5, 0.8), "log-normal(-1.5, 0.8)"),
        (Jeffreys(), "Jeffreys"),
        (DuMouchel(), "DuMouchel"),
        (NormalPrior(0, 2.82), "normal(0, 2.82)"),
        (Flat(), "flat"),
        (JeffreysProportion(), "logit of Beta(0.5, 0.5)"),
    ],
)
def test_names(prior, name):
    assert str(prior) == name


def test_dumouchel_has_its_median_at_the_harmonic_standard_error():
    s = math.sqrt(3 / (1 / VI).sum())
    panels = integrate_density(lambda tau: DuMouchel().log_density(tau, VI), [0.0, s])
    assert panels.log_total == pytest.approx(math.log(0.5), abs=1e-12)


def test_jeffreys_by_hand():
    by_hand = math.sqrt(sum((0.3 / (v + 0.09)) ** 2 for v in VI))
    assert Jeffreys().log_density(np.array([0.3]), VI)[0] == pytest.approx(math.log(by_hand))


class TestDefaults:
    def test_on_log_scales(self):
        mu, tau = default_priors(measure_is_log=True)
        assert (str(mu), str(tau)) == ("normal(0, 2.82)", "half-normal(0.5)")

    def test_the_mean_leaves_odds_ratios_between_a_250th_and_250(self):
        assert math.exp(1.959964 * 2.82) == pytest.approx(250, rel=0.01)

    def test_on_other_scales_a_quarter_of_the_outcomes_sd(self):
        # Arms of 50 with an sd of 8: variance of the difference 2 · 64 / 50.
        mu, tau = default_priors(measure_is_log=False, vi=[2.56, 2.56], n=[100, 100])
        assert str(mu) == "flat"
        assert str(tau) == "half-normal(2)"

    def test_the_same_rule_gives_about_a_half_for_log_odds_ratios(self):
        # Arms of 50 with half the people having the event: variance 4 / 25.
        assert str(default_priors(measure_is_log=False, vi=[4 / 25], n=[100])[1]) == "half-normal(0.5)"

    @pytest.mark.parametrize("n", [None, [100, None]])
    def test_without_sizes_the_scale_comes_from_the_variances(self, n):
        assert str(default_priors(measure_is_log=False, vi=[2.56, 2.56], n=n)[1]) == "DuMouchel"

    def test_needs_variances(self):
        with pytest.raises(ValueError, match="give vi"):
            default_priors(measure_is_log=False)


@pytest.mark.parametrize(
    "make",
    [
        lambda: HalfNormal(0), lambda: half_cauchy(-1), lambda: HalfT(1, 0), lambda: UniformPrior(2, 1),
        lambda: Exponential(math.inf), lambda: LogNormalPrior(0, 0), lambda: NormalPrior(0, math.nan),
    ],
)  # fmt: skip
def test_impossible_parameters(make):
    with pytest.raises(ValueError, match=r"above 0|needs"):
        make()
