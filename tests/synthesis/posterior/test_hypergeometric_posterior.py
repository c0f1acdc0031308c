"""The exact posterior of a log odds ratio against brute force, the normal model and other people's likelihood."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, logsumexp

from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.hypergeometric_posterior import hypergeometric_posterior
from evenhand.synthesis.posterior.normal_terms import normal_terms
from evenhand.synthesis.posterior.priors import (
    DuMouchel,
    Exponential,
    Flat,
    HalfNormal,
    ImproperUniform,
    NormalPrior,
    UniformPrior,
    half_cauchy,
)
from evenhand.synthesis.posterior.study_likelihood import hypergeometric_likelihood
from tests.conftest import golden

DRIP_TRIAL = (6, 16, 3, 16)
ONE_EVENT = (1, 25, 0, 25)
NO_EVENT = (0, 25, 0, 25)
BCG = [
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808),
    (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391), (29, 7499, 45, 7277), (17, 1716, 65, 1665),
    (186, 50634, 141, 27338), (5, 2498, 3, 2341), (27, 16913, 29, 17854),
]  # fmt: skip
NETWORKS_OF_COUNTS = {
    "one trial": [DRIP_TRIAL],
    "one event": [ONE_EVENT],
    "all had it": [(25, 25, 20, 25)],
    "one trial and one event": [DRIP_TRIAL, ONE_EVENT],
    "events on either side": [ONE_EVENT, (0, 30, 2, 28), DRIP_TRIAL],
    "BCG": BCG,
    "large": [(3000, 10000, 2800, 10000)],
    "large, in conflict": [(3000, 10000, 2800, 10000), (900, 4000, 1300, 4000)],
}


def log_probability(counts, theta):
    """Fisher's non-central hypergeometric, from factorials; shape of theta."""
    events_t, n_t, events_c, n_c = counts
    total = events_t + events_c
    j = np.arange(max(0, total - n_c), min(n_t, total) + 1)
    ways = (
        gammaln(n_t + 1) - gammaln(j + 1) - gammaln(n_t - j + 1)
        + gammaln(n_c + 1) - gammaln(total - j + 1) - gammaln(n_c - total + j + 1)
    )  # fmt: skip
    here = ways[events_t - j[0]]
    return here + events_t * theta - logsumexp(ways + np.multiply.outer(theta, j), axis=-1)


def brute_force(counts, prior_sd=2.82, tau_scale=0.5, nodes=61):
    """Moments of mu, tau, a new effect and the first study's, on three even grids: theta = mu + tau z."""
    mu = np.linspace(-9 * prior_sd, 9 * prior_sd, 401)
    u, wu = np.polynomial.legendre.leggauss(36)
    tau, w_tau = 2.25 * (u + 1) * 2 * tau_scale, wu * np.exp(-0.5 * (4.5 * (u + 1)) ** 2)
    z = np.linspace(-8, 8, nodes)
    w_z = np.exp(-0.5 * z**2)
    w_z /= w_z.sum()
    theta = mu[:, None, None] + tau[None, :, None] * z
    likelihoods = [np.exp(log_probability(study, theta)) for study in counts]
    averaged = np.array([like @ w_z for like in likelihoods])
    joint = averaged.prod(axis=0) * np.exp(-0.5 * (mu / prior_sd) ** 2)[:, None] * w_tau
    others = np.delete(averaged, 0, axis=0).prod(axis=0) * np.exp(-0.5 * (mu / prior_sd) ** 2)[:, None] * w_tau
    own = others[:, :, None] * likelihoods[0] * w_z
    joint, own = joint / joint.sum(), own / own.sum()

    def moments(x, weight):
        mean = float((x * weight).sum())
        return mean, math.sqrt(float(((x - mean) ** 2 * weight).sum()))

    mean_mu, sd_mu = moments(mu[:, None], joint)
    return {
        "mu": (mean_mu, sd_mu),
        "tau": moments(tau[None, :], joint),
        "prediction": (mean_mu, math.sqrt(sd_mu**2 + float((tau**2 * joint).sum()))),
        "own": moments(theta, own),
    }


@pytest.mark.parametrize(
    "counts",
    [[DRIP_TRIAL], [ONE_EVENT], [NO_EVENT], [DRIP_TRIAL, ONE_EVENT], [(2, 10, 0, 12), (0, 9, 3, 8), (4, 9, 1, 9)]],
    ids=str,
)
def test_brute_force_in_three_dimensions(counts):
    posterior, brute = hypergeometric_posterior(counts), brute_force(counts)
    for name, distribution in [
        ("mu", posterior.mu), ("tau", posterior.tau), ("prediction", posterior.prediction),
        ("own", posterior.shrinkage[0]),
    ]:  # fmt: skip
        mean, sd = brute[name]
        assert distribution.mean == pytest.approx(mean, abs=1e-6 * sd), name
        assert distribution.sd == pytest.approx(sd, rel=1e-6), name


@pytest.mark.parametrize(
    ("name", "prior"),
    [
        *((name, HalfNormal(0.5)) for name in NETWORKS_OF_COUNTS),
        ("events on either side", half_cauchy(0.5)),
        ("events on either side", UniformPrior(0.1, 2)),
        ("events on either side", Exponential(2.0)),
        ("large, in conflict", half_cauchy(0.5)),
    ],
    ids=str,
)
def test_a_finer_quadrature_changes_nothing(name, prior):
    counts = NETWORKS_OF_COUNTS[name]
    coarse = hypergeometric_posterior(counts, prior_tau=prior)
    fine = hypergeometric_posterior(counts, prior_tau=prior, spacing=0.35, tolerance=1e-10)
    pairs = [(getattr(coarse, name), getattr(fine, name)) for name in ("mu", "tau", "prediction")]
    for ours, finer in [*pairs, *zip(coarse.shrinkage, fine.shrinkage, strict=True)]:
        spread = finer.quantile(0.84) - finer.quantile(0.5)
        for p in (0.025, 0.5, 0.975):
            assert ours.quantile(p) == pytest.approx(finer.quantile(p), abs=1e-6 * spread)
        if math.isfinite(finer.sd):
            assert ours.mean == pytest.approx(finer.mean, abs=1e-6 * spread)
            assert ours.sd == pytest.approx(finer.sd, rel=1e-6)
    assert coarse.log_marginal == pytest.approx(fine.log_marginal, abs=1e-7)


class TestNoEventAnywhere:
    def test_leaves_the_priors_as_they_were(self):
        posterior = hypergeometric_posterior([NO_EVENT, (0, 40, 0, 38)])
        for p in (0.025, 0.3, 0.975):
            assert posterior.mu.quantile(p) == pytest.approx(2.82 * z_of(p), abs=1e-7)
        assert posterior.tau.mean == pytest.approx(0.5 * math.sqrt(2 / math.pi), rel=1e-9)
        assert posterior.log_marginal == pytest.approx(0.0, abs=1e-9)

    def test_adds_nothing_to_a_trial_with_events(self):
        alone, beside = hypergeometric_posterior([DRIP_TRIAL]), hypergeometric_posterior([DRIP_TRIAL, NO_EVENT])
        assert beside.mu.quantile(0.9) == pytest.approx(alone.mu.quantile(0.9), rel=1e-12)
        assert beside.shrinkage[1].quantile(0.9) == alone.prediction.quantile(0.9)


def z_of(p):
    from scipy.special import ndtri

    return float(ndtri(p))


def test_exchanging_the_arms_changes_the_sign():
    plain = hypergeometric_posterior([DRIP_TRIAL, ONE_EVENT])
    turned = hypergeometric_posterior([(3, 16, 6, 16), (0, 25, 1, 25)])
    assert turned.mu.quantile(0.2) == pytest.approx(-plain.mu.quantile(0.8), abs=1e-7)
    assert turned.shrinkage[1].mean == pytest.approx(-plain.shrinkage[1].mean, abs=1e-7)


def test_counting_the_non_events_changes_the_sign():
    plain = hypergeometric_posterior([ONE_EVENT])
    turned = hypergeometric_posterior([(24, 25, 25, 25)])
    assert turned.mu.quantile(0.2) == pytest.approx(-plain.mu.quantile(0.8), abs=1e-7)


def test_the_order_of_studies_does_not_matter():
    first, second = hypergeometric_posterior(BCG), hypergeometric_posterior(BCG[::-1])
    assert first.mu.mean == pytest.approx(second.mu.mean, abs=1e-10)
    assert first.shrinkage[0].mean == pytest.approx(second.shrinkage[-1].mean, abs=1e-10)


def test_large_counts_have_the_normal_models_posterior():
    counts = [(30_000, 100_000, 28_000, 100_000), (15_000, 60_000, 14_500, 60_000), (50_000, 90_000, 51_000, 90_000)]
    table = np.array([(a, n - a, c, m - c) for a, n, c, m in counts], dtype=float)
    yi = np.log(table[:, 0] / table[:, 1]) - np.log(table[:, 2] / table[:, 3])
    vi = (1 / table).sum(axis=1)
    exact = hypergeometric_posterior(counts)
    normal = exact_posterior(yi, vi, prior_mu=NormalPrior(0, 2.82), prior_tau=HalfNormal(0.5))
    assert exact.mu.mean == pytest.approx(normal.mu.mean, abs=2e-4 * normal.mu.sd)
    assert exact.mu.sd == pytest.approx(normal.mu.sd, rel=2e-4)
    for ours, theirs in zip(exact.shrinkage, normal.shrinkage, strict=True):
        assert ours.mean == pytest.approx(theirs.mean, abs=5e-3 * theirs.sd)
        assert ours.sd == pytest.approx(theirs.sd, rel=5e-3)


def test_draws_follow():
    posterior = hypergeometric_posterior([DRIP_TRIAL])
    draws = posterior.prediction.sample(20_000, np.random.default_rng(1))
    assert draws.mean() == pytest.approx(posterior.prediction.mean, abs=5 * posterior.prediction.sd / math.sqrt(20_000))


def test_a_heavy_prior_of_tau_leaves_no_mean():
    posterior = hypergeometric_posterior([ONE_EVENT], prior_tau=half_cauchy(0.5))
    assert math.isnan(posterior.prediction.mean)
    assert math.isfinite(posterior.mu.mean)


@pytest.mark.parametrize("prior", [DuMouchel(), UniformPrior(0.0, 1.0)], ids=str)
def test_other_proper_priors(prior):
    posterior = hypergeometric_posterior([DRIP_TRIAL], prior_tau=prior)
    assert 0 < posterior.mu.mean < 2
    assert posterior.prior_tau == str(prior)


GLMM = [
    case
    for case in golden("mh_peto_glmm.json")
    if case["task"] == "glmm"
    and (case["options"].get("model"), case["options"]["measure"], case["options"]["method"]) == ("CM.EL", "OR", "EE")
]


def test_there_are_reference_likelihoods():
    assert len(GLMM) == 6


@pytest.mark.parametrize("case", GLMM, ids=[case["id"] for case in GLMM])
def test_highest_likelihood_of_one_common_effect(case):
    data = case["data"]
    tables = zip(data["ai"], data["bi"], data["ci"], data["di"], strict=True)
    studies = [hypergeometric_likelihood(a, a + b, c, c + d) for a, b, c, d in tables if a + c and b + d]

    def minus_log(theta):
        return -sum(float(study.log(np.array([theta]))[0]) for study in studies if study is not None)

    best = minimize_scalar(minus_log, bracket=(-1, 1), tol=1e-10)
    slack = case["expected"].get("optimizer_disagreement", {}).get("b") or 0.0
    assert best.x == pytest.approx(case["expected"]["b"], abs=1e-6 + slack)
    assert -best.fun == pytest.approx(case["expected"]["logLik"], abs=1e-6)


@pytest.mark.parametrize("counts", [DRIP_TRIAL, ONE_EVENT, (0, 500, 20, 400), BCG[7], (25, 25, 20, 25), (0, 1, 1, 1)])
class TestLikelihood:
    def test_from_factorials(self, counts):
        theta = np.linspace(-3, 3, 25)
        ours = hypergeometric_likelihood(*counts).log(theta)
        near = ours > -30  # beyond, only counts that matter near the peak are summed
        assert ours[near] == pytest.approx(log_probability(counts, theta)[near], abs=1e-7)

    def test_as_sums_of_normals(self, counts):
        study = hypergeometric_likelihood(*counts)
        terms = normal_terms(study)
        theta = np.linspace(study.low - 1, study.high + 1, 777)
        assert np.abs(terms.at(theta) - np.exp(study.log(theta) - study.log_peak)).max() < 1e-9


def test_millions_of_people_do_not_overflow():
    posterior = hypergeometric_posterior([(40, 2_000_000, 20, 1_900_000)])
    assert posterior.shrinkage[0].mean == pytest.approx(math.log(40 / 20 * 1.9 / 2.0), abs=0.15)


@pytest.mark.parametrize(
    ("counts", "options", "says"),
    [
        ([DRIP_TRIAL, (17, 16, 3, 16)], {}, r"counts\[1\]: treated arm: 17 events among 16"),
        ([(1, 16, -3, 16)], {}, r"counts\[0\]: control arm: -3 events"),
        ([], {}, "no study"),
        ([DRIP_TRIAL], {"prior_mu": Flat()}, "prior of the mean 'flat'"),
        ([DRIP_TRIAL], {"prior_tau": ImproperUniform()}, "improper uniform.* proper prior"),
    ],
)
def test_what_cannot_be_pooled_is_named(counts, options, says):
    with pytest.raises(ValueError, match=says):
        hypergeometric_posterior(counts, **options)
