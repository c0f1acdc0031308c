"""Bayesian meta-regression: the reference cases, its limits, and brute force."""

import math

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.priors import Flat, HalfNormal, ImproperUniform, NormalPrior, UniformPrior
from evenhand.synthesis.posterior.regression_posterior import regression_posterior
from evenhand.synthesis.posterior.shortest_interval import shortest_interval
from tests.conftest import golden

CASES = [case for case in golden("bayes.json") if case["task"] == "bmr"]
# What the reference's grid leaves, in posterior sds, as its notes say; its tau is exact.
GRID = 6e-4


def posterior_of(case, **options):
    data = case["data"]
    return regression_posterior(
        data["yi"], np.square(data["sei"]), "~ x", data,
        prior_tau=HalfNormal(case["options"]["tau_prior"]["scale"]), **options,
    )  # fmt: skip


def test_nothing_drops_out():
    assert len(CASES) == 2
    fields = {"tau", "beta_mean", "beta_sd", "beta_median", "beta_ci_lb", "beta_ci_ub"}
    assert {field for case in CASES for field in case["expected"]} == fields
    assert {case["options"]["beta_prior"] for case in CASES} == {"improper uniform"}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    found, expected = posterior_of(case), case["expected"]
    tau = expected["tau"]
    assert found.tau.mean == pytest.approx(tau["mean"], rel=1e-9)
    assert found.tau.sd == pytest.approx(tau["sd"], rel=1e-9)
    assert found.tau.quantile(0.5) == pytest.approx(tau["median"], rel=1e-8)
    assert [found.tau.quantile(p) for p in (0.025, 0.975)] == pytest.approx(tau["ci"], abs=1e-8 * tau["sd"])
    for j, own in enumerate(found.coefficients):
        sd = expected["beta_sd"][j]
        assert own.mean == pytest.approx(expected["beta_mean"][j], abs=GRID * sd)
        assert own.sd == pytest.approx(sd, rel=GRID)
        assert own.quantile(0.5) == pytest.approx(expected["beta_median"][j], abs=GRID * sd)
        limits = expected["beta_ci_lb"][j], expected["beta_ci_ub"][j]
        assert [own.quantile(p) for p in (0.025, 0.975)] == pytest.approx(limits, abs=GRID * sd)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_finer_panels_change_nothing(case):
    coarse, fine = posterior_of(case), posterior_of(case, nodes=32, tolerance=1e-15)
    for one, other in zip((*coarse.coefficients, coarse.tau), (*fine.coefficients, fine.tau), strict=True):
        assert one.quantile(0.975) == pytest.approx(other.quantile(0.975), abs=1e-9 * other.sd)
    assert coarse.log_marginal == pytest.approx(fine.log_marginal, abs=1e-10)


def test_the_intercept_alone_is_pooling():
    case = CASES[0]["data"]
    vi = np.square(case["sei"])
    for prior in (Flat(), NormalPrior(0.1, 0.7)):
        regression = regression_posterior(case["yi"], vi, prior_beta=prior, prior_tau=HalfNormal(0.5))
        pooling = exact_posterior(case["yi"], vi, prior_mu=prior, prior_tau=HalfNormal(0.5))
        assert regression.coefficients[0].quantile(0.9) == pooling.mu.quantile(0.9)
        assert regression.log_marginal == pooling.log_marginal
        assert regression.shrinkage[3].mean == pooling.shrinkage[3].mean


def test_no_heterogeneity_is_least_squares():
    case = CASES[0]["data"]
    vi = np.square(case["sei"])
    found = regression_posterior(case["yi"], vi, "~ x", case, prior_tau=HalfNormal(1e-9))
    X = np.column_stack([np.ones(13), case["x"]])
    fit = fit_linear(case["yi"], vi, X, method="EE", test="z")
    assert [own.mean for own in found.coefficients] == pytest.approx(fit.beta, rel=1e-9)
    assert [own.sd for own in found.coefficients] == pytest.approx(fit.se, rel=1e-9)


@pytest.mark.parametrize("prior", [{"x": NormalPrior(0.01, 0.02)}, NormalPrior(0.2, 0.3), {"intercept": Flat()}])
def test_by_brute_force(prior):
    case = CASES[0]["data"]
    yi, vi = np.array(case["yi"]), np.square(case["sei"])
    X = np.column_stack([np.ones(13), case["x"]]).astype(float)
    found = regression_posterior(yi, vi, "~ x", case, prior_beta=prior, prior_tau=UniformPrior(0, 2))
    by_name = prior if isinstance(prior, dict) else dict.fromkeys(("intercept", "x"), prior)
    priors = [by_name.get(name, Flat()) for name in ("intercept", "x")]
    precision = np.diag([0.0 if isinstance(one, Flat) else one.sd**-2 for one in priors])
    mean = np.array([0.0 if isinstance(one, Flat) else one.mean for one in priors])
    logs, betas, sds = [], [], []
    tau = (np.arange(4000) + 0.5) * 2 / 4000
    for t in tau:
        wi = 1 / (vi + t**2)
        A = X.T @ (wi[:, None] * X) + precision
        beta = np.linalg.solve(A, X.T @ (wi * yi) + precision @ mean)
        q = wi @ (yi - X @ beta) ** 2 + (beta - mean) @ precision @ (beta - mean)
        logs.append(-0.5 * (-np.log(wi).sum() + np.linalg.slogdet(A)[1] + q))
        betas.append(beta)
        sds.append(np.diagonal(np.linalg.inv(A)))
    proper = np.diagonal(precision)[np.diagonal(precision) > 0]
    constant = -0.5 * (13 - (2 - proper.size)) * math.log(2 * math.pi) + 0.5 * np.log(proper).sum()
    logs = np.array(logs)
    mass = np.exp(logs - logs.max())
    weights = mass / mass.sum()
    assert found.log_marginal == pytest.approx(logs.max() + math.log(mass.mean()) + constant, abs=1e-6)
    centre = weights @ np.array(betas)
    spread = weights @ np.array(sds) + weights @ (np.array(betas) - centre) ** 2
    assert [own.mean for own in found.coefficients] == pytest.approx(centre, rel=1e-5)
    assert [own.sd for own in found.coefficients] == pytest.approx(np.sqrt(spread), rel=1e-5)


def test_predictions_and_contrasts():
    found = posterior_of(CASES[0])
    (mean,), (new,) = found.mean_effect({"x": 33}), found.new_study({"x": 33})
    assert mean.quantile(0.3) == pytest.approx(found.contrast({"intercept": 1, "x": 33}).quantile(0.3), rel=1e-12)
    assert mean.mean == pytest.approx(found.coefficients[0].mean + 33 * found.coefficients[1].mean, rel=1e-10)
    assert new.sd**2 == pytest.approx(mean.sd**2 + found.tau.mean**2 + found.tau.sd**2, rel=1e-8)
    beta, tau = found.sample(40_000, np.random.default_rng(4))
    at = beta @ [1.0, 33.0]
    assert at.mean() == pytest.approx(mean.mean, abs=5 * mean.sd / 200)
    assert at.std() == pytest.approx(mean.sd, rel=0.05)
    assert tau.mean() == pytest.approx(found.tau.mean, abs=5 * found.tau.sd / 200)
    assert found.to_frame().shape == (3, 5)
    lower, upper = shortest_interval(found.coefficients[1])
    assert upper - lower <= found.coefficients[1].quantile(0.975) - found.coefficients[1].quantile(0.025)


def test_what_has_no_posterior_is_said():
    with pytest.raises(ValueError, match=r"3 studies .* 'flat' of the coefficients: the posterior is not proper"):
        regression_posterior([0.1, 0.2, 0.5], [0.1] * 3, "~ x", {"x": [1.0, 2, 4]}, prior_tau=ImproperUniform())
    with pytest.raises(ValueError, match="prior of 'year': no such coefficient; there are intercept, x"):
        regression_posterior(
            [0.1, 0.2], [0.1] * 2, "~ x", {"x": [1.0, 2]}, prior_tau=HalfNormal(1), prior_beta={"year": Flat()}
        )
