"""The three-level posterior against a fine grid, the model of one variance, and the likelihood it comes from."""

import math

import numpy as np
import pytest

from evenhand.synthesis.dependent.multilevel_model import multilevel
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.priors import (
    Flat,
    HalfNormal,
    ImproperUniform,
    NormalPrior,
    UniformPrior,
    half_cauchy,
)
from evenhand.synthesis.posterior.two_variance_posterior import two_variance_posterior

RNG = np.random.default_rng(40)
GROUP = np.repeat(range(7), [4, 3, 5, 2, 1, 6, 3])
VI = RNG.uniform(0.02, 0.15, GROUP.size)
YI = 0.4 + RNG.normal(0, 0.3, 7)[GROUP] + RNG.normal(0, np.sqrt(VI + 0.03))


def log_density(V, mean, sd, between, within):
    """Log of prior of both sds times the likelihood with mu ~ N(mean, sd²) integrated out, by one big normal."""
    together = GROUP[:, None] == GROUP
    M = V + between**2 * together + within**2 * np.eye(GROUP.size) + sd**2
    r = YI - mean
    logs = -0.5 * (GROUP.size * math.log(2 * math.pi) + np.linalg.slogdet(M)[1] + r @ np.linalg.solve(M, r))
    prior = HalfNormal(0.5)
    return logs + sum(float(prior.log_density(np.array(tau), VI)) for tau in (between, within))


@pytest.mark.parametrize("correlated", [False, True])
def test_against_a_grid_of_big_normals(correlated):
    V = np.diag(VI)
    if correlated:
        V = np.where(GROUP[:, None] == GROUP, 0.5 * np.sqrt(np.outer(VI, VI)), 0.0)
        np.fill_diagonal(V, VI)
    posterior = two_variance_posterior(
        YI, V, GROUP, prior_mu=NormalPrior(0.1, 0.7), prior_between=HalfNormal(0.5), prior_within=HalfNormal(0.5)
    )
    # Gauss-Legendre on boxes that hold all but 1e-12 of it.
    nodes, weights = np.polynomial.legendre.leggauss(60)
    b, wb = 1.25 * (nodes + 1), 1.25 * weights
    w, ww = 0.75 * (nodes + 1), 0.75 * weights
    logs = np.array([[log_density(V, 0.1, 0.7, x, y) for y in w] for x in b])
    mass = np.exp(logs) * np.outer(wb, ww)
    total = mass.sum()
    assert posterior.converged
    assert posterior.log_marginal == pytest.approx(math.log(total), abs=1e-8)
    assert posterior.tau_between.mean == pytest.approx(mass.sum(axis=1) @ b / total, rel=1e-8)
    assert posterior.tau_within.mean == pytest.approx(mass.sum(axis=0) @ w / total, rel=1e-8)
    assert posterior.tau_within.sd == pytest.approx(
        math.sqrt(mass.sum(axis=0) @ (w - posterior.tau_within.mean) ** 2 / total), rel=1e-7
    )
    share = (mass * (b[:, None] ** 2 / (b[:, None] ** 2 + w**2))).sum() / total
    # Not smooth where both are 0, so that no quadrature, this one least, has its last digits.
    assert posterior.share_between == pytest.approx(share, rel=1e-5)


def test_without_a_within_variance_it_is_the_one_variance_posterior():
    """One effect a group and a prior that leaves tau_within at 0."""
    one = exact_posterior(YI, VI, prior_mu=NormalPrior(0, 1), prior_tau=HalfNormal(0.5))
    two = two_variance_posterior(
        YI, VI, range(YI.size), prior_mu=NormalPrior(0, 1), prior_between=HalfNormal(0.5),
        prior_within=UniformPrior(0, 1e-9),
    )  # fmt: skip
    assert two.log_marginal == pytest.approx(one.log_marginal, abs=1e-11)
    for ours, theirs in ((two.mu, one.mu), (two.prediction, one.prediction), (two.tau_between, one.tau)):
        assert ours.mean == pytest.approx(theirs.mean, rel=1e-10)
        assert ours.sd == pytest.approx(theirs.sd, rel=1e-10)
        assert ours.quantile(0.975) == pytest.approx(theirs.quantile(0.975), rel=1e-8)
    for place in (0, 5, 20):
        assert two.group(place).mean == pytest.approx(one.shrinkage[place].mean, rel=1e-9)
        assert two.group(place).sd == pytest.approx(one.shrinkage[place].sd, rel=1e-9)


def test_flat_priors_peak_where_the_restricted_likelihood_does():
    """With flat priors the joint density of the sds is the restricted likelihood."""
    fit = multilevel(YI, VI, random="~ 1 | g/e", data={"g": GROUP, "e": range(GROUP.size)})
    posterior = two_variance_posterior(
        YI, VI, GROUP, prior_mu=Flat(), prior_between=ImproperUniform(), prior_within=ImproperUniform()
    )
    components = posterior.components
    at = math.sqrt(fit.sigma2[0])
    near = (np.abs(components.between - at) < 0.05) & (
        np.abs(components.within[components.column] - math.sqrt(fit.sigma2[1])) < 0.05
    )
    # Given sds about those, the mean is the fit's and its standard error is, too.
    assert components.mean[near].mean() + components.sums.centre == pytest.approx(fit.beta[0], abs=0.01)
    assert np.sqrt(components.variance[near]).mean() == pytest.approx(fit.se[0], rel=0.1)
    fixed = multilevel(YI, VI, random="~ 1 | g/e", data={"g": GROUP, "e": range(GROUP.size)}, method="REML")
    assert posterior.mu.mean == pytest.approx(fixed.beta[0], abs=2 * fixed.se[0])


def test_wider_priors_approach_the_flat_one():
    flat = two_variance_posterior(
        YI, VI, GROUP, prior_mu=Flat(), prior_between=ImproperUniform(), prior_within=ImproperUniform()
    )
    wide = two_variance_posterior(
        YI, VI, GROUP, prior_mu=NormalPrior(0, 1e4), prior_between=HalfNormal(1e3), prior_within=HalfNormal(1e3)
    )
    assert wide.mu.mean == pytest.approx(flat.mu.mean, rel=1e-4)
    assert wide.tau_between.quantile(0.5) == pytest.approx(flat.tau_between.quantile(0.5), rel=1e-4)
    assert wide.tau_within.quantile(0.9) == pytest.approx(flat.tau_within.quantile(0.9), rel=1e-4)


def test_finer_panels_say_the_same():
    priors = {"prior_mu": Flat(), "prior_between": half_cauchy(0.5), "prior_within": HalfNormal(0.3)}
    coarse = two_variance_posterior(YI, VI, GROUP, **priors)
    fine = two_variance_posterior(YI, VI, GROUP, nodes=24, tolerance=1e-12, **priors)
    assert coarse.mu.sd == pytest.approx(fine.mu.sd, rel=1e-8)
    assert coarse.tau_between.mean == pytest.approx(fine.tau_between.mean, rel=1e-8)
    assert coarse.prediction.quantile(0.025) == pytest.approx(fine.prediction.quantile(0.025), rel=1e-7)


def test_what_has_no_posterior_is_named():
    flat = {"prior_mu": Flat(), "prior_between": ImproperUniform(), "prior_within": HalfNormal(0.5)}
    with pytest.raises(ValueError, match="not proper"):
        two_variance_posterior([0.1, 0.2, 0.4], [0.1] * 3, [1, 1, 2], **flat)
    with pytest.raises(ValueError, match="effects 0 and 1 are in different groups"):
        two_variance_posterior([0.1, 0.2], [[0.1, 0.05], [0.05, 0.1]], [1, 2], **flat)
    with pytest.raises(ValueError, match="effect 1 has sampling variance"):
        two_variance_posterior([0.1, 0.2], [0.1, 0.0], [1, 2], **flat)
    with pytest.raises(ValueError, match=r"yi\[0\] = nan"):
        two_variance_posterior([math.nan, 0.2], [0.1, 0.1], [1, 2], **flat)
    proper = two_variance_posterior(
        [0.3], [0.1], ["a"], prior_mu=NormalPrior(0, 1), prior_between=HalfNormal(0.5), prior_within=HalfNormal(0.5)
    )
    assert proper.tau_between.mean == pytest.approx(proper.tau_within.mean, rel=1e-8)
    with pytest.raises(ValueError, match="no group 'b'; there are a"):
        proper.group("b")
