"""Exact posteriors of networks: brute force, two treatments as in pairwise pooling, reference cases, invariances."""

import math

import numpy as np
import pytest

from evenhand.synthesis.network import network_mixture as mixtures
from evenhand.synthesis.network.evidence import network_from_arms, network_from_contrasts
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.network.network_posterior import network_posterior
from evenhand.synthesis.network.p_scores import p_scores
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.priors import (
    DuMouchel,
    Flat,
    HalfNormal,
    HalfT,
    ImproperUniform,
    Jeffreys,
    NormalPrior,
    UniformPrior,
)
from tests.conftest import golden
from tests.synthesis.posterior.test_exact_posterior import prior_of_tau

PAIRWISE = [case for case in golden("bayes.json") if case["expected"].get("direct_quadrature")]
NETWORKS = [case for case in golden("network.json") if case["task"] == "network"]
RANKOGRAMS = [case for case in golden("network.json") if case["task"] == "rankogram"]
PROBABILITIES = (0.001, 0.025, 0.5, 0.8, 0.975)


def of_contrasts(data, **options):
    columns = (data[name] for name in ("studlab", "treat1", "treat2", "TE", "seTE"))
    return network_from_contrasts(*columns, tolerance=0.01, **options)


SMOKING = of_contrasts(next(c for c in NETWORKS if c["id"].startswith("network/smoking"))["data"])


def two_treatments(yi, vi):
    k = len(yi)
    return network_from_contrasts([f"s{i}" for i in range(k)], ["b"] * k, ["a"] * k, yi, np.sqrt(vi), reference="a")


def brute_force(evidence, prior_tau, prior_sd=None, nodes=300, top=6.0):
    """Dense V + tau²(I + J)/2 by study on a fixed fine rule; effects against the reference, and the log marginal."""
    size, r = len(evidence.treatments), evidence.reference
    rows, y, blocks = [], [], []
    for one in evidence.studies:
        for t in one.treatments[1:]:
            row = np.zeros(size)
            row[t], row[one.treatments[0]] = 1.0, -1.0
            rows.append(row)
        y.extend(one.yi)
        blocks.append(one.v)
    X, y = np.delete(np.array(rows), r, axis=1), np.array(y)
    places, weights = np.polynomial.legendre.leggauss(nodes)
    # Denser near 0: tau = top · u².
    u = 0.5 * (places + 1)
    tau, weights = top * u**2, weights * top * u
    logs, means, covariances = [], [], []
    for one in tau:
        sigma = np.zeros((y.size, y.size))
        at = 0
        for v in blocks:
            n = len(v)
            sigma[at : at + n, at : at + n] = v + one**2 * 0.5 * (np.eye(n) + 1)
            at += n
        W = np.linalg.inv(sigma)
        precision = X.T @ W @ X + (0 if prior_sd is None else np.eye(size - 1) / prior_sd**2)
        beta = np.linalg.solve(precision, X.T @ W @ y)
        residual = y - X @ beta
        log = -0.5 * (np.linalg.slogdet(sigma)[1] + np.linalg.slogdet(precision)[1] + residual @ W @ residual)
        free = y.size
        if prior_sd is None:
            free -= size - 1
        else:
            log -= (size - 1) * math.log(prior_sd) + 0.5 * beta @ beta / prior_sd**2
        logs.append(log - 0.5 * free * math.log(2 * math.pi))
        means.append(beta)
        covariances.append(np.linalg.inv(precision))
    logs = np.array(logs) + prior_tau.log_density(tau, np.ones(1))
    mass = np.exp(logs - logs.max()) * weights
    log_marginal = math.log(mass.sum()) + logs.max()
    mass /= mass.sum()
    mean = mass @ np.array(means)
    second = np.einsum("q,qij->ij", mass, np.array(covariances) + np.einsum("qi,qj->qij", means, means))
    return mean, np.sqrt(np.diagonal(second) - mean**2), mass @ tau, log_marginal


@pytest.mark.parametrize("prior_sd", [None, 2.0])
def test_several_arms_by_brute_force(prior_sd):
    # Smoking cessation has two studies of three arms.
    assert sorted({len(one.treatments) for one in SMOKING.studies}) == [2, 3]
    prior = "flat" if prior_sd is None else NormalPrior(0.0, prior_sd)
    found = network_posterior(SMOKING, prior_tau=HalfNormal(0.5), prior_effects=prior)
    mean, sd, tau, log_marginal = brute_force(SMOKING, HalfNormal(0.5), prior_sd)
    others = [name for i, name in enumerate(SMOKING.treatments) if i != SMOKING.reference]
    effects = [found.effect(name) for name in others]
    assert [own.mean for own in effects] == pytest.approx(mean, rel=1e-9)
    assert [own.sd for own in effects] == pytest.approx(sd, rel=1e-9)
    assert found.tau.mean == pytest.approx(tau, rel=1e-9)
    assert found.log_marginal == pytest.approx(log_marginal, abs=1e-9)
    for name, own in zip(others, effects, strict=True):
        assert found.prediction(name).mean == pytest.approx(own.mean, rel=1e-12)
        squares = own.sd**2 + found.tau.mean**2 + found.tau.sd**2
        assert found.prediction(name).sd == pytest.approx(math.sqrt(squares), rel=1e-10)


def test_nothing_drops_out():
    assert len(PAIRWISE) == 84
    assert len(NETWORKS) == 12
    assert len(RANKOGRAMS) == 3


@pytest.mark.parametrize(
    ("prior_mu", "prior_tau"),
    [
        (Flat(), HalfNormal(0.5)), (NormalPrior(0.1, 0.7), HalfT(0.5, 1.0)), (Flat(), UniformPrior(0.0, 4.0)),
        (NormalPrior(0.0, 2.82), Jeffreys()), (Flat(), DuMouchel()), (Flat(), ImproperUniform()),
    ],
    ids=str,
)  # fmt: skip
def test_two_treatments_are_pairwise_pooling(prior_mu, prior_tau):
    yi, vi = np.array([0.3, -0.2, 0.8, 0.1, 1.4]), np.array([0.04, 0.1, 0.02, 0.3, 0.15])
    network = network_posterior(two_treatments(yi, vi), prior_tau=prior_tau, prior_effects=prior_mu)
    pooling = exact_posterior(yi, vi, prior_mu=prior_mu, prior_tau=prior_tau)
    for p in PROBABILITIES:
        assert network.effect("b").quantile(p) == pytest.approx(pooling.mu.quantile(p), rel=1e-10)
        assert network.prediction("b").quantile(p) == pytest.approx(pooling.prediction.quantile(p), rel=1e-10)
        assert network.tau.quantile(p) == pytest.approx(pooling.tau.quantile(p), rel=1e-10)
    assert network.log_marginal == pytest.approx(pooling.log_marginal, abs=1e-10)


@pytest.mark.parametrize("case", PAIRWISE, ids=[case["id"] for case in PAIRWISE])
def test_two_treatments_of_the_reference_file(case):
    """Its independent quadrature of 8,000 nodes, and we as a network of two treatments."""
    mu, data, exact = case["options"]["mu_prior"], case["data"], case["expected"]["direct_quadrature"]
    found = network_posterior(
        two_treatments(data["yi"], np.square(data["sei"])),
        prior_tau=prior_of_tau(case["options"]["tau_prior"]),
        prior_effects=Flat() if mu == "improper uniform" else NormalPrior(mu["mean"], mu["sd"]),
    )
    effect, new, sd = found.effect("b"), found.prediction("b"), exact["mu_sd"]
    assert effect.mean == pytest.approx(exact["mu_mean"], abs=1e-9 * sd)
    assert effect.sd == pytest.approx(sd, rel=1e-9)
    for p, in_mean, in_new in zip(case["expected"]["q_levels"], exact["mu_q"], exact["pred_q"], strict=True):
        assert effect.quantile(p) == pytest.approx(in_mean, abs=1e-9 * sd)
        assert new.quantile(p) == pytest.approx(in_new, abs=1e-9 * sd)


@pytest.mark.parametrize("case", NETWORKS, ids=[case["id"] for case in NETWORKS])
def test_a_known_tau_is_least_squares_and_sucra_the_p_score(case):
    evidence = of_contrasts(case["data"])
    tau = 0.3
    found = network_posterior(evidence, prior_tau=UniformPrior(tau - 1e-9, tau + 1e-9))
    fit = fit_network(evidence, tau2=tau**2)
    others = [name for i, name in enumerate(evidence.treatments) if i != evidence.reference]
    kept = [evidence.treatments.index(name) for name in others]
    assert [found.effect(name).mean for name in others] == pytest.approx(fit.effects[kept], abs=1e-8)
    assert [found.effect(name).sd for name in others] == pytest.approx(fit.se[kept], rel=1e-8)
    for small in (True, False):
        expected = p_scores(fit.effects, fit.covariance, small_values_good=small)
        assert found.sucra(small_values_good=small) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    "prior", [HalfNormal(0.5), HalfT(0.5, 1.0), UniformPrior(0.0, 5.0), ImproperUniform()], ids=str
)
@pytest.mark.parametrize("case", NETWORKS, ids=[case["id"] for case in NETWORKS])
def test_few_nodes_are_as_good_as_all(case, prior, monkeypatch):
    evidence = of_contrasts(case["data"])
    few = network_posterior(evidence, prior_tau=prior)
    monkeypatch.setattr(mixtures, "fewer_nodes", lambda weights, tau, _vi: (weights, tau))
    every = network_posterior(evidence, prior_tau=prior, nodes=32, tolerance=1e-14)
    assert few.mixture.tau.size <= every.mixture.tau.size
    for name in evidence.treatments[:5]:
        if name == evidence.treatments[evidence.reference]:
            continue
        for one, other in (
            (few.effect(name), every.effect(name)),
            (few.prediction(name), every.prediction(name)),
        ):
            width = other.quantile(0.8) - other.quantile(0.2)
            for p in PROBABILITIES:
                assert one.quantile(p) == pytest.approx(other.quantile(p), abs=1e-9 * width)
    assert few.log_marginal == pytest.approx(every.log_marginal, abs=1e-10)


def test_another_reference_and_other_names_change_nothing():
    base = network_posterior(SMOKING, prior_tau=HalfNormal(0.5))
    other = network_posterior(SMOKING.with_reference("no_contact"), prior_tau=HalfNormal(0.5))
    assert other.log_marginal == pytest.approx(base.log_marginal, abs=1e-11)
    for p in PROBABILITIES:
        assert other.effect("self_help", "ind_counseling").quantile(p) == pytest.approx(
            base.effect("self_help", "ind_counseling").quantile(p), rel=1e-12
        )
        assert base.effect("ind_counseling", "self_help").quantile(1 - p) == pytest.approx(
            -base.effect("self_help", "ind_counseling").quantile(p), rel=1e-10
        )
    found, again = (one.sucra(small_values_good=True) for one in (base, other))
    assert found == pytest.approx(again, abs=1e-12)
    assert found.sum() == pytest.approx(2.0, abs=1e-12)  # half a treatment


def test_league_has_the_quantiles_of_each_effect():
    found = network_posterior(SMOKING, prior_tau=HalfNormal(0.5))
    league = found.league(0.9)
    for i, one in enumerate(found.treatments):
        for j, other in enumerate(found.treatments):
            if i == j:
                assert league.estimate[i, j] == league.se[i, j] == 0.0
                continue
            effect = found.effect(one, other)
            cell = [league.ci_lower[i, j], league.estimate[i, j], league.ci_upper[i, j]]
            assert cell == pytest.approx([effect.quantile(p) for p in (0.05, 0.5, 0.95)], rel=1e-11, abs=1e-13)
            assert league.se[i, j] == pytest.approx(effect.sd, rel=1e-12)


def test_ranks_agree_with_the_exact_sucra_within_their_error():
    found = network_posterior(SMOKING, prior_tau=HalfNormal(0.5))
    ranks = found.ranks(small_values_good=True, rng=np.random.default_rng(7), draws=40_000)
    assert ranks.probability.sum(axis=0) == pytest.approx(np.ones(4))
    assert ranks.probability.sum(axis=1) == pytest.approx(np.ones(4))
    # The SUCRA as it is defined, of the sampled ranks: its error is at most that of a mean of numbers within 0 and 1.
    assert ranks.cumulative[:, :-1].mean(axis=1) == pytest.approx(ranks.sucra, abs=5 * 0.5 / math.sqrt(40_000))
    assert ranks.mean_rank == pytest.approx(ranks.probability @ np.arange(1, 5), abs=5 * 1.5 / math.sqrt(40_000))
    again = found.ranks(small_values_good=True, rng=np.random.default_rng(7), draws=40_000)
    assert np.array_equal(ranks.probability, again.probability)
    assert (ranks.error > 0).all()
    best = found.ranks(small_values_good=False, rng=np.random.default_rng(7), draws=40_000)
    assert best.probability == pytest.approx(ranks.probability[:, ::-1])


@pytest.mark.parametrize("case", RANKOGRAMS, ids=[case["id"] for case in RANKOGRAMS])
def test_ranks_given_tau(case):
    """The networks of the reference's rankograms, given its tau: its P-scores, and plain draws of the normal.

    Its rankograms are no yardstick: their SUCRAs miss its own P-scores, which are SUCRAs given tau, by several of its
    standard errors (see the notes on the reference).
    """
    evidence = of_contrasts(case["data"], reference=case["options"]["reference"])
    fit = fit_network(evidence, method="DL")
    found = network_posterior(evidence, prior_tau=UniformPrior(max(0.0, fit.tau - 1e-9), fit.tau + 1e-9))
    small = case["options"]["small_values"] == "desirable"
    ranks = found.ranks(small_values_good=small, rng=np.random.default_rng(11), draws=50_000)
    same = next(one for one in NETWORKS if one["data"]["TE"] == case["data"]["TE"])
    assert list(ranks.treatments) == case["expected"]["trts"]
    assert ranks.sucra == pytest.approx(same["expected"]["pscore_random"], abs=1e-8)
    draws = np.random.default_rng(12).multivariate_normal(fit.effects, fit.covariance, 50_000, method="eigh")
    order = np.argsort(draws if small else -draws, axis=1)
    plain = np.array([(order == i).mean(axis=0) for i in range(len(ranks.treatments))])
    assert (np.abs(ranks.probability - plain) <= 5 * math.sqrt(2) * ranks.error).all()


def test_two_treatments_rank_by_the_sign_of_their_effect():
    yi, vi = np.array([0.3, -0.2, 0.8]), np.array([0.04, 0.1, 0.2])
    found = network_posterior(two_treatments(yi, vi), prior_tau=HalfNormal(0.5))
    ranks = found.ranks(small_values_good=False, rng=np.random.default_rng(1), draws=100_000)
    expected = 1.0 - found.effect("b").cdf(0.0)
    assert found.probability_beyond(0.0, "b") == pytest.approx(expected, rel=1e-12)
    assert found.sucra(small_values_good=False) == pytest.approx([1 - expected, expected], rel=1e-12)
    assert ranks.p_best[1] == pytest.approx(expected, abs=5 * ranks.p_best_error[1])
    assert ranks.poth == pytest.approx(4 * (expected - 0.5) ** 2, rel=1e-12)


def test_better_by_more_than_a_margin():
    found = network_posterior(SMOKING, prior_tau=HalfNormal(0.5))
    better = found.probability_better(small_values_good=True, margin=0.2)
    i, j = 0, 2
    effect = found.effect(found.treatments[i], found.treatments[j])
    assert better[i, j] == pytest.approx(effect.cdf(-0.2), rel=1e-12)
    assert better[j, i] == pytest.approx(1 - effect.cdf(0.2), rel=1e-9)
    with pytest.raises(ValueError, match="margin = -1"):
        found.sucra(small_values_good=True, margin=-1)


def test_draws_have_the_moments_of_the_mixture():
    found = network_posterior(SMOKING, prior_tau=HalfNormal(0.5))
    effects, tau = found.sample(100_000, np.random.default_rng(3))
    for i, name in enumerate(found.treatments):
        if i == found.reference:
            assert (effects[:, i] == 0).all()
            continue
        own = found.effect(name)
        assert effects[:, i].mean() == pytest.approx(own.mean, abs=5 * own.sd / math.sqrt(100_000))
        assert effects[:, i].std() == pytest.approx(own.sd, rel=0.02)
    assert tau.mean() == pytest.approx(found.tau.mean, rel=1e-3)
    with pytest.raises(ValueError, match="draws = 0"):
        found.sample(0, np.random.default_rng(3))


def test_pieces_are_told_apart():
    evidence = network_from_contrasts(
        ["1", "2", "3", "4"], ["a", "b", "a", "x"], ["b", "c", "c", "y"], [0.1, 0.2, 0.5, 0.9], [0.2, 0.2, 0.3, 0.1],
        reference="b",
    )  # fmt: skip
    for prior in ("flat", "normal(0, 3)"):
        found = network_posterior(evidence, prior_tau=HalfNormal(0.5), prior_effects=prior)
        assert any("pieces" in notice for notice in found.notices)
        assert found.effect("x", "y").mean == pytest.approx(0.9, abs=0.2)
        with pytest.raises(ValueError, match="no chain of studies joins 'x' and 'b'"):
            found.effect("x")
        sucra = found.sucra(small_values_good=True)
        assert np.isnan(sucra[[3, 4]]).all()
        assert np.nansum(sucra) == pytest.approx(1.5)
        ranks = found.ranks(small_values_good=True, rng=np.random.default_rng(1), draws=100)
        assert np.isnan(ranks.p_best[3:]).all()
        assert ranks.probability[:3, :3].sum(axis=1) == pytest.approx(np.ones(3))
        league = found.league()
        assert np.isnan(league.estimate[0, 3])
        assert league.estimate[3, 4] == pytest.approx(found.effect("x", "y").quantile(0.5), rel=1e-10)
        assert list(found.to_frame().index) == ["a", "c"]
    with pytest.raises(ValueError, match="'b' less itself"):
        found.effect("b")
    with pytest.raises(ValueError, match="called 'z'"):
        found.effect("z")


def test_a_tree_of_single_studies_leaves_tau_to_the_prior():
    evidence = network_from_contrasts(["1", "2"], ["a", "b"], ["b", "c"], [0.1, 0.2], [0.2, 0.2])
    found = network_posterior(evidence, prior_tau=HalfNormal(0.5))
    assert found.tau.mean == pytest.approx(0.5 * math.sqrt(2 / math.pi), rel=1e-10)
    assert any("half-normal(0.5)" in notice for notice in found.notices)
    with pytest.raises(ValueError, match=r"improper uniform.*take a proper prior"):
        network_posterior(evidence, prior_tau="improper uniform")


def test_heavy_tails_have_no_moments():
    evidence = network_from_contrasts(["1", "2"], ["a", "b"], ["b", "c"], [0.1, 0.2], [0.2, 0.2])
    effect = network_posterior(evidence, prior_tau="half-Cauchy(0.5)").effect("a", "c")
    assert math.isnan(effect.mean)
    assert effect.sd == math.inf
    assert effect.quantile(0.5) == pytest.approx(0.3, abs=1e-9)


def test_identical_effects_and_huge_differences():
    same = network_from_contrasts(list("1234"), list("abab"), list("bccc"), [0.0] * 4, [0.2, 0.2, 0.3, 0.1])
    assert network_posterior(same, prior_tau=HalfNormal(0.5)).effect("a", "c").mean == pytest.approx(0.0, abs=1e-15)
    wide = network_from_contrasts(
        list("12345"), list("ababa"), list("bcccc"), [9e3, -2e4, 5e3, 0.1, -3e3], [1e-3, 2.0, 1e-4, 5e2, 0.1]
    )
    found = network_posterior(wide, prior_tau="improper uniform")
    assert found.converged
    assert found.tau.quantile(0.5) > 1e3


def test_the_prior_of_the_sd_where_none_is_given():
    assert network_posterior(SMOKING).prior_tau == "DuMouchel"
    counts = network_from_arms(
        ["1", "1", "2", "2"], ["a", "b", "a", "b"], measure="OR", events=[3, 5, 9, 12], n=[50, 50, 80, 80]
    )
    assert network_posterior(counts).prior_tau == "half-normal(0.5)"


def test_covariances_that_are_not_kept_are_made_again(monkeypatch):
    kept = network_posterior(SMOKING, prior_tau=HalfNormal(0.5))
    monkeypatch.setattr(mixtures, "_MOST_KEPT", 0)
    monkeypatch.setattr(mixtures, "_MOST_NUMBERS", 1)  # nor more than one node at a time
    anew = network_posterior(SMOKING, prior_tau=HalfNormal(0.5))
    assert anew.mixture.covariances is None
    assert anew.effect("self_help").quantile(0.9) == pytest.approx(kept.effect("self_help").quantile(0.9), rel=1e-13)
    assert anew.league().ci_lower == pytest.approx(kept.league().ci_lower, rel=1e-12)
    assert anew.sucra(small_values_good=True) == pytest.approx(kept.sucra(small_values_good=True), rel=1e-13)
