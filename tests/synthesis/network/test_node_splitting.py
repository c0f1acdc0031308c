"""Node-splits: the reference's back-calculation where it is the same model, refits, brute force, and what cannot be."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from evenhand.synthesis.network import node_splitting
from evenhand.synthesis.network.evidence import NetworkEvidence, network_from_contrasts
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.network.network_posterior import network_posterior
from evenhand.synthesis.network.node_splitting import node_splits
from evenhand.synthesis.posterior.priors import HalfNormal, ImproperUniform, UniformPrior
from tests.conftest import golden

CASES = [case for case in golden("network.json") if case["task"] == "network" and len(case["expected"]["trts"]) > 2]


def evidence_of(data):
    columns = (data[name] for name in ("studlab", "treat1", "treat2", "TE", "seTE"))
    return network_from_contrasts(*columns, tolerance=0.01)


SMOKING = evidence_of(next(c for c in CASES if c["id"].startswith("network/smoking"))["data"])
LOOP = network_from_contrasts(
    ["1", "2", "3", "4", "5", "6", "7"], list("aaabbac"), list("bbccccd"),
    [0.1, 0.4, 1.2, 0.5, 0.3, 0.9, 0.2], [0.2, 0.3, 0.2, 0.25, 0.3, 0.15, 0.1],
)  # fmt: skip


def of_two_arms_alone(case):
    """Comparisons of which every study has two arms: there the reference's split is the same model."""
    data = case["data"]
    rows = Counter(data["studlab"])
    studies = defaultdict(set)
    for study, one, other in zip(data["studlab"], data["treat1"], data["treat2"], strict=True):
        studies[frozenset((one, other))].add(study)
    return {pair for pair, own in studies.items() if all(rows[study] == 1 for study in own)}


def test_how_many_are_compared():
    assert len(CASES) == 11
    assert sum(len(of_two_arms_alone(case)) for case in CASES) == 52


@pytest.mark.parametrize("model", ["common", "random"])
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case, model):
    table = case["expected"]["netsplit"]
    block, places = table[model], {frozenset(name.split(":")): i for i, name in enumerate(table["comparison"])}
    found = node_splits(evidence_of(case["data"]), tau2=0.0 if model == "common" else case["expected"]["tau2"])
    for pair in of_two_arms_alone(case):
        split, i = found.split(*pair), places[pair]
        sign = 1.0 if split.first == table["comparison"][i].split(":")[0] else -1.0
        assert split.k == table["k"][i]
        if block["indirect_TE"][i] is None:
            assert split.indirect is None
            assert sign * split.direct.mean == pytest.approx(block["direct_TE"][i], rel=1e-8)
            continue
        for own, te, se in (
            (split.direct, "direct_TE", "direct_se"),
            (split.indirect, "indirect_TE", "indirect_se"),
            (split.difference, "diff", "diff_se"),
        ):
            assert sign * own.mean == pytest.approx(block[te][i], abs=1e-8 * block[se][i])
            assert own.sd == pytest.approx(block[se][i], rel=1e-8)
        assert split.p_value == pytest.approx(block["pval"][i], rel=1e-7)


@pytest.mark.parametrize("tau2", [0.0, 0.07])
def test_direct_and_indirect_are_the_two_refits(tau2):
    for split in node_splits(LOOP, tau2=tau2).splits:
        if split.indirect is None:
            continue
        pair = {LOOP.index(split.first), LOOP.index(split.second)}
        parts = (
            [one for one in LOOP.studies if set(one.treatments) == pair],
            [one for one in LOOP.studies if set(one.treatments) != pair],
        )
        weights = np.array([1 / (one.v[0, 0] + tau2) for one in parts[0]])
        mean = weights @ np.array([one.yi[0] for one in parts[0]]) / weights.sum()
        assert split.direct.mean == pytest.approx(-mean, rel=1e-12)
        assert split.direct.sd == pytest.approx(weights.sum() ** -0.5, rel=1e-12)
        rest = NetworkEvidence(
            treatments=LOOP.treatments, studies=tuple(parts[1]), reference=LOOP.reference, measure="GEN", notices=(),
            components=LOOP.components,
        )  # fmt: skip
        others = fit_network(rest, tau2=tau2).contrast(split.first, split.second)
        assert split.indirect.mean == pytest.approx(others.estimate, rel=1e-12)
        assert split.indirect.sd == pytest.approx(others.se, rel=1e-12)
        assert split.difference.mean == pytest.approx(split.direct.mean - split.indirect.mean, rel=1e-12)
        statistic = split.difference.mean / split.difference.sd
        assert split.p_value == pytest.approx(math.erfc(abs(statistic) / math.sqrt(2)), rel=1e-10)
        assert split.tau == math.sqrt(tau2)


def brute_force(evidence, pair, prior_tau, carried, nodes=300, top=5.0):
    """Mean and sd of direct less indirect, and mean of tau: a dense design with one column more, on a fixed rule."""
    size = len(evidence.treatments)
    X, y, blocks = [], [], []
    for one in evidence.studies:
        carry = np.zeros(size)
        if set(pair) <= set(one.treatments):
            carry[pair[0]], carry[pair[1]] = carried
        first = one.treatments[0]
        for t in one.treatments[1:]:
            row = np.zeros(size + 1)
            row[t], row[first], row[-1] = 1.0, -1.0, carry[t] - carry[first]
            X.append(row)
        y.extend(one.yi)
        blocks.append(one.v)
    X, y = np.array(X)[:, 1:], np.array(y)
    places, weights = np.polynomial.legendre.leggauss(nodes)
    u = 0.5 * (places + 1)
    tau, weights = top * u**2, weights * top * u
    logs, means, squares = [], [], []
    for one in tau:
        sigma = np.zeros((y.size, y.size))
        at = 0
        for v in blocks:
            n = len(v)
            sigma[at : at + n, at : at + n] = v + one**2 * 0.5 * (np.eye(n) + 1)
            at += n
        W = np.linalg.inv(sigma)
        precision = X.T @ W @ X
        beta = np.linalg.solve(precision, X.T @ W @ y)
        residual = y - X @ beta
        logs.append(-0.5 * (np.linalg.slogdet(sigma)[1] + np.linalg.slogdet(precision)[1] + residual @ W @ residual))
        means.append(beta[-1])
        squares.append(np.linalg.inv(precision)[-1, -1] + beta[-1] ** 2)
    logs = np.array(logs) + prior_tau.log_density(tau, np.ones(1))
    mass = np.exp(logs - logs.max()) * weights
    mass /= mass.sum()
    mean = mass @ means
    return mean, math.sqrt(mass @ squares - mean**2), mass @ tau


@pytest.mark.parametrize("carried_by", ["both", "first", "second"])
def test_several_arms_by_brute_force(carried_by):
    found = node_splits(SMOKING, prior_tau=HalfNormal(0.5), carried_by=carried_by)
    assert len(found) == 6
    for split in found.splits[::2]:
        pair = SMOKING.index(split.first), SMOKING.index(split.second)
        carried = {"both": (0.5, -0.5), "first": (1.0, 0.0), "second": (0.0, -1.0)}[carried_by]
        mean, sd, tau = brute_force(SMOKING, pair, HalfNormal(0.5), carried)
        assert split.difference.mean == pytest.approx(mean, abs=1e-8 * sd)
        assert split.difference.sd == pytest.approx(sd, rel=1e-8)
        assert split.tau == pytest.approx(tau, rel=1e-8)
        assert split.direct.mean - split.indirect.mean == pytest.approx(mean, abs=1e-8 * sd)


def test_the_network_effect_is_the_posterior_without_a_split():
    posterior = network_posterior(SMOKING, prior_tau=HalfNormal(0.5))
    for split in node_splits(SMOKING, prior_tau=HalfNormal(0.5)).splits:
        effect = posterior.effect(split.first, split.second)
        for p in (0.025, 0.5, 0.9):
            assert split.network.quantile(p) == pytest.approx(effect.quantile(p), rel=1e-9, abs=1e-11)


def test_panels_of_its_own_give_the_same(monkeypatch):
    shared = node_splits(SMOKING, prior_tau=HalfNormal(0.5))
    usual = node_splitting._probabilities

    def none_resolved(panels, logs):
        probability, resolved = usual(panels, logs)
        return probability, [False] * len(resolved)

    monkeypatch.setattr(node_splitting, "_probabilities", none_resolved)
    for one, other in zip(shared.splits, node_splits(SMOKING, prior_tau=HalfNormal(0.5)).splits, strict=True):
        assert one.difference.quantile(0.025) == pytest.approx(other.difference.quantile(0.025), rel=1e-8, abs=1e-9)
        assert one.p_value == pytest.approx(other.p_value, rel=1e-8)
        assert one.tau == pytest.approx(other.tau, rel=1e-8)


def test_a_comparison_at_odds_with_all_others_takes_the_heterogeneity_with_it():
    rng = np.random.default_rng(5)
    pairs = [("a", "b"), ("a", "c"), ("b", "c")] * 60
    truth = {"a": 0.0, "b": 0.3, "c": 0.7}
    effects = [truth[y] - truth[x] + 0.05 * rng.standard_normal() + (4.0 if (x, y) == ("a", "b") else 0.0)
               for x, y in pairs]  # fmt: skip
    evidence = network_from_contrasts(
        range(180), [pair[1] for pair in pairs], [pair[0] for pair in pairs], effects, [0.05] * 180
    )
    split = node_splits(evidence, prior_tau=HalfNormal(2.0)).split("a", "b")
    assert network_posterior(evidence, prior_tau=HalfNormal(2.0)).tau.mean > 0.5
    assert split.tau < 0.05
    assert split.difference.mean == pytest.approx(-4.0, abs=0.05)
    # The same from a network in which that comparison's studies have a treatment of their own.
    apart = network_from_contrasts(
        range(180), [("b2" if pair == ("a", "b") else pair[1]) for pair in pairs], [pair[0] for pair in pairs], effects,
        [0.05] * 180,
    )  # fmt: skip
    alone = network_posterior(apart, prior_tau=HalfNormal(2.0))
    assert split.difference.sd == pytest.approx(alone.effect("b2", "b").sd, rel=1e-8)
    assert split.difference.mean == pytest.approx(-alone.effect("b2", "b").mean, rel=1e-8)
    assert split.tau == pytest.approx(alone.tau.mean, rel=1e-8)


def test_names_in_another_order_change_nothing_but_the_sign():
    names = {"a": "z", "b": "y", "c": "x", "d": "w"}
    turned = network_from_contrasts(
        ["1", "2", "3", "4", "5", "6", "7"], [names[t] for t in "aaabbac"], [names[t] for t in "bbccccd"],
        [0.1, 0.4, 1.2, 0.5, 0.3, 0.9, 0.2], [0.2, 0.3, 0.2, 0.25, 0.3, 0.15, 0.1],
    )  # fmt: skip
    for split in node_splits(LOOP, prior_tau="half-normal(0.5)").splits:
        other = node_splits(turned, prior_tau="half-normal(0.5)").split(names[split.first], names[split.second])
        if split.difference is None:
            assert other.difference is None
            continue
        assert other.difference.mean == pytest.approx(-split.difference.mean, rel=1e-9)
        assert other.p_value == pytest.approx(split.p_value, rel=1e-8)


def test_no_indirect_evidence_is_said():
    splits = node_splits(LOOP, prior_tau="half-normal(0.5)")
    split = splits.split("d", "c")
    assert (split.first, split.second, split.k) == ("c", "d", 1)
    assert split.indirect is None
    assert split.difference is None
    assert math.isnan(split.p_value)
    assert "only their own studies join c and d" in split.reason
    assert split.direct.mean == pytest.approx(split.network.mean)
    frame = splits.to_frame()
    assert list(frame["k"]) == [one.k for one in splits.splits]
    assert frame["indirect"].isna().sum() == 1
    with pytest.raises(ValueError, match="no study compares 'a' with 'd'"):
        splits.split("a", "d")


def test_one_study_of_three_arms_cannot_be_split():
    evidence = network_from_contrasts(["1"] * 3, ["a", "a", "b"], ["b", "c", "c"], [0.1, 0.3, 0.2], [0.2, 0.2, 0.2])
    assert all(one.indirect is None for one in node_splits(evidence, tau2=0.0).splits)
    two = network_from_contrasts(["1"], ["a"], ["b"], [0.1], [0.2])
    assert node_splits(two, prior_tau=HalfNormal(0.5)).splits[0].indirect is None


def test_too_few_studies_for_an_improper_prior():
    triangle = network_from_contrasts(
        list("1234"), list("aaab"), list("bbcc"), [0.1, 0.3, 0.5, 0.4], [0.2, 0.2, 0.3, 0.2]
    )
    # Two degrees of freedom are proper, without moments; a split leaves one, which is not.
    split = node_splits(triangle, prior_tau=ImproperUniform()).split("a", "c")
    assert split.difference is None
    assert "proper prior" in split.reason
    assert math.isfinite(split.network.quantile(0.5))
    assert node_splits(triangle, prior_tau=UniformPrior(0, 10)).split("a", "c").difference is not None


def test_what_cannot_be_asked():
    for bad in ({}, {"tau2": 0.1, "prior_tau": "half-normal(1)"}):
        with pytest.raises(ValueError, match="either prior_tau"):
            node_splits(LOOP, **bad)
    with pytest.raises(ValueError, match="tau2 = -1"):
        node_splits(LOOP, tau2=-1)
    with pytest.raises(ValueError, match="carried_by = 'neither'"):
        node_splits(LOOP, tau2=0, carried_by="neither")
