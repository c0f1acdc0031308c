"""Classical network meta-analysis against the whole reference files."""

import math
from dataclasses import replace

import numpy as np
import pytest

from evenhand.synthesis.network.comparison_rows import comparison_rows
from evenhand.synthesis.network.evidence import NetworkEvidence, NetworkStudy, network_from_contrasts
from evenhand.synthesis.network.network_fit import NETWORK_METHODS, NetworkFit, fit_network
from evenhand.synthesis.network.network_kernel import NetworkModel
from evenhand.synthesis.tau2.maximum_likelihood import FULL
from evenhand.synthesis.tau2.reml import RESTRICTED
from tests.synthesis.network.reference_cases import LIKELIHOOD_NETWORKS, NETWORKS, from_contrasts, ids, numbers

CLOSE = {"rtol": 1e-10, "atol": 1e-12}  # closed forms; effects of nearly 0 have absolute digits only
MODELS = {"common": "EE", "random": "DL"}


def test_nothing_drops_out():
    assert (len(NETWORKS), len(LIKELIHOOD_NETWORKS)) == (12, 24)
    assert {case["options"]["method_tau"] for case in NETWORKS} == {"DL"}
    assert {case["options"]["method_tau"] for case in LIKELIHOOD_NETWORKS} == {"REML", "ML"}


def check_effects(fit: NetworkFit, names, block, tolerance):
    at = [fit.treatments.index(name) for name in names]
    ours = {
        "TE": fit.effects, "se": fit.se, "ci_lb": fit.ci_lower, "ci_ub": fit.ci_upper, "z": fit.statistic,
        "pval": fit.p_value, "pi_lb": fit.pi_lower, "pi_ub": fit.pi_upper,
    }  # fmt: skip
    assert set(block) <= {*ours, "TE_matrix", "se_matrix"}
    league = fit.league()
    for name, ours_of in (("TE_matrix", league.estimate), ("se_matrix", league.se)):
        if name in block:
            np.testing.assert_allclose(ours_of, numbers(block[name]), **tolerance, err_msg=name)
    for name in ours.keys() & block.keys():
        theirs = block[name]
        np.testing.assert_allclose(ours[name][at], numbers(theirs), **tolerance, err_msg=name)


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_reference(case):
    expected = case["expected"]
    evidence = from_contrasts(case)
    assert list(evidence.treatments) == expected["trts"]
    assert len(evidence.studies) == expected["k"]
    assert sum(len(one.pairs()) for one in evidence.studies) == expected["m"]
    assert sum(len(one.treatments) > 2 for one in evidence.studies) == expected["n_multiarm"]
    small_values_good = case["options"]["small_values"] == "desirable"
    for name, method in MODELS.items():
        fit = fit_network(evidence, method=method)
        check_effects(fit, expected["vs_ref"], expected[name], CLOSE)
        scores = fit.p_scores(small_values_good=small_values_good)
        np.testing.assert_allclose(scores, expected[f"pscore_{name}"], rtol=1e-10)
    # 0 of the reference is a moment below 0.
    assert fit.tau2 == pytest.approx(expected["tau2"], rel=1e-12, abs=0.0)
    assert fit.tau == pytest.approx(expected["tau"], rel=1e-12, abs=0.0)
    assert (fit.q, fit.df) == (pytest.approx(expected["Q"], rel=1e-12), expected["df_Q"])
    # A chance of 1e-31 has the digits of its exponent.
    assert fit.q_p_value == pytest.approx(expected["pval_Q"], rel=1e-10)
    assert fit.i2 == pytest.approx(100 * expected["I2"], rel=1e-12)
    assert [fit.i2_lower, fit.i2_upper] == pytest.approx([100 * limit for limit in expected["I2_ci"]], rel=1e-12)


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_q_parts(case):
    expected, evidence = case["expected"], from_contrasts(case)
    fit = fit_network(evidence, method="DL")
    if expected["Q_het"] is None:
        # With two treatments there is one design, and the reference splits nothing.
        assert len(evidence.treatments) == 2
        assert (fit.q_het.q, fit.q_het.df, fit.q_inc.df) == (pytest.approx(fit.q), fit.df, 0)
        return
    parts = {"het": fit.q_het, "inc": fit.q_inc}
    for name, part in parts.items():
        assert part.q == pytest.approx(expected[f"Q_{name}"], rel=1e-10), name
        assert part.df == expected[f"df_{name}"], name
        assert part.p_value == pytest.approx(expected[f"p_{name}"], rel=1e-10), name
    theirs = expected["decomp_design"]["Q_het_design"]
    of_design = {frozenset(name.split(":")): i for i, name in enumerate(theirs["design"])}
    assert len(fit.q_parts.designs) == len(of_design)
    for design, part in zip(fit.q_parts.designs, fit.q_parts.by_design, strict=True):
        i = of_design[frozenset(evidence.treatments[t] for t in design)]
        # The reference prints these to 15 places.
        assert part.q == pytest.approx(theirs["Q"][i], rel=1e-10, abs=1e-12)
        assert part.df == theirs["df"][i]
        chance = theirs["pval"][i]
        assert math.isnan(part.p_value) if chance is None else part.p_value == pytest.approx(chance, rel=1e-10)


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_rows_of_comparisons(case):
    theirs, evidence = case["expected"]["rows"], from_contrasts(case)
    common, random = (comparison_rows(fit_network(evidence, method=method)) for method in ("EE", "DL"))
    place = {
        (study, frozenset((evidence.treatments[i], evidence.treatments[j]))): row
        for row, (study, i, j) in enumerate(zip(common.study, common.first, common.second, strict=True))
    }
    keys = zip(theirs["studlab"], theirs["treat1"], theirs["treat2"], strict=True)
    at = np.array([place[study, frozenset((one, other))] for study, one, other in keys])
    assert sorted(at) == list(range(len(common.study)))
    way = np.where([evidence.treatments[common.first[i]] for i in at] == np.array(theirs["treat1"]), 1.0, -1.0)
    np.testing.assert_allclose(common.se_adjusted[at], theirs["seTE_adj_common"], **CLOSE)
    np.testing.assert_allclose(random.se_adjusted[at], theirs["seTE_adj_random"], **CLOSE)
    np.testing.assert_allclose(way * common.fitted[at], theirs["TE_nma_common"], **CLOSE)
    np.testing.assert_allclose(common.q[at], theirs["Q_common"], rtol=1e-8, atol=1e-11)
    leverage = numbers(theirs["leverage_common"])
    # The reference has none for the comparisons of a study of several arms.
    np.testing.assert_array_equal(np.isnan(leverage), common.arms[at] > 2)
    two = ~np.isnan(leverage)
    np.testing.assert_allclose(common.leverage[at][two], leverage[two], **CLOSE)
    assert common.q.sum() == pytest.approx(case["expected"]["Q"], rel=1e-10)


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_direct_evidence(case):
    theirs, evidence = case["expected"]["netsplit"], from_contrasts(case)
    for model, method in MODELS.items():
        direct = fit_network(evidence, method=method).direct()
        place = {
            frozenset((evidence.treatments[i], evidence.treatments[j])): row
            for row, (i, j) in enumerate(zip(direct.first, direct.second, strict=True))
        }
        block = theirs[model]
        seen = 0
        for i, comparison in enumerate(theirs["comparison"]):
            one, other = comparison.split(":")
            row = place.get(frozenset((one, other)))
            assert (row is None) == (block["direct_TE"][i] is None) == (theirs["k"][i] == 0)
            if row is None:
                continue
            seen += 1
            way = 1.0 if evidence.treatments[direct.first[row]] == one else -1.0
            assert way * direct.estimate[row] == pytest.approx(block["direct_TE"][i], rel=1e-10, abs=1e-12)
            assert direct.se[row] == pytest.approx(block["direct_se"][i], rel=1e-10)
            assert direct.k[row] == theirs["k"][i]
        assert seen == len(place)


def as_the_reference_takes(case, evidence: NetworkEvidence) -> NetworkEvidence:
    """Standardised differences of one study share 1/n of the arm they share, and no more; see the notes."""
    arms = case["data"]["arms"]
    people = {(s, t): n for s, t, n in zip(arms["study"], arms["treat"], arms["n"], strict=True)}

    def changed(one: NetworkStudy) -> NetworkStudy:
        if len(one.treatments) == 2:
            return one
        base = one.treatments.index(evidence.reference) if evidence.reference in one.treatments else -1
        base %= len(one.treatments)
        order = [base, *(i for i in range(len(one.treatments)) if i != base)]
        y, v = np.concatenate([[0.0], one.yi]), np.zeros((len(order), len(order)))
        v[1:, 1:] = one.v
        variances = np.diagonal(v) + v[base, base] - 2 * v[base]
        shared = 1 / people[one.label, evidence.treatments[one.treatments[base]]]
        covariance = np.full((len(order) - 1, len(order) - 1), shared)
        np.fill_diagonal(covariance, variances[order[1:]])
        treatments = tuple(one.treatments[i] for i in order)
        return replace(one, treatments=treatments, yi=y[order[1:]] - y[base], v=covariance, arm_variances=None)

    return replace(evidence, studies=tuple(changed(one) for one in evidence.studies))


@pytest.mark.parametrize("case", LIKELIHOOD_NETWORKS, ids=ids(LIKELIHOOD_NETWORKS))
def test_likelihoods(case):
    expected, evidence, method = case["expected"], from_contrasts(case), case["options"]["method_tau"]
    if case["options"]["sm"] == "SMD":
        # Its variance is by one covariance, and its effects by the other.
        tau2 = fit_network(as_the_reference_takes(case, evidence), method=method).tau2
        fit = fit_network(evidence, method=method, tau2=tau2)
        assert fit_network(evidence, method=method).tau2 == pytest.approx(tau2, rel=1e-3)
    else:
        fit = fit_network(evidence, method=method)
    assert fit.tau2 == pytest.approx(expected["tau2"], rel=1e-8, abs=0.0)
    assert fit.tau == pytest.approx(expected["tau"], rel=1e-8, abs=0.0)
    check_effects(fit, expected["vs_ref"], expected["random"], {"rtol": 1e-8, "atol": 1e-11})
    scores = fit.p_scores(small_values_good=case["options"]["small_values"] == "desirable")
    np.testing.assert_allclose(scores, expected["pscore_random"], rtol=1e-8)
    if "netsplit" not in expected:
        assert method == "ML"
        return
    splits = expected["netsplit"]
    for one, estimate, se in zip(
        splits["comparison"], splits["random"]["direct_TE"], splits["random"]["direct_se"], strict=True
    ):
        if estimate is not None:
            i, j = (evidence.treatments.index(name) for name in one.split(":"))
            direct = fit.direct()
            row = np.flatnonzero((direct.first == min(i, j)) & (direct.second == max(i, j)))[0]
            assert (1 if i < j else -1) * direct.estimate[row] == pytest.approx(estimate, rel=1e-8, abs=1e-11)
            assert direct.se[row] == pytest.approx(se, rel=1e-8)


@pytest.mark.parametrize("case", LIKELIHOOD_NETWORKS, ids=ids(LIKELIHOOD_NETWORKS))
def test_no_variance_is_likelier(case):
    model = NetworkModel.of(from_contrasts(case))
    method = case["options"]["method_tau"]
    likelihood = RESTRICTED if method == "REML" else FULL
    best = NETWORK_METHODS[method](model)
    tau2 = np.concatenate([[best, 0.0], np.geomspace(1e-6, 10.0, 60), best * np.array([0.999, 1.001])])
    log = likelihood.at(model, tau2)
    assert log[0] >= log[1:].max() - 1e-10


def test_estimators_are_those_of_one_comparison():
    """Two treatments are a pairwise meta-analysis, whatever the estimator."""
    from evenhand.synthesis.heterogeneity import heterogeneity_of
    from evenhand.synthesis.linear_fit import fit_linear

    yi = np.array([-0.89, -1.58, -1.35, -1.44, -0.22, -0.79, -1.62, 0.01, -0.47, -1.37, -0.34, 0.45, -0.02])
    sei = np.array([0.57, 0.44, 0.64, 0.14, 0.23, 0.08, 0.47, 0.06, 0.24, 0.27, 0.11, 0.73, 0.27])
    names = [f"study {i}" for i in range(yi.size)]
    for reference, way in (("a", 1.0), ("b", -1.0)):
        evidence = network_from_contrasts(names, ["b"] * 13, ["a"] * 13, yi, sei, reference=reference)
        for method in NETWORK_METHODS:
            network, pairwise = fit_network(evidence, method=method), fit_linear(yi, sei**2, method=method, test="z")
            contrast = network.contrast("b" if reference == "a" else "a")
            assert network.tau2 == pytest.approx(pairwise.tau2, rel=1e-10)
            assert contrast.estimate == pytest.approx(way * pairwise.beta[0], rel=1e-12)
            assert contrast.se == pytest.approx(pairwise.se[0], rel=1e-12)
            assert contrast.p_value == pytest.approx(pairwise.p_value[0], rel=1e-8)
            interval, theirs = network.tau2_interval(), heterogeneity_of(pairwise)
            assert interval.lower == pytest.approx(theirs.tau2_lower, rel=1e-9)
            assert interval.upper == pytest.approx(theirs.tau2_upper, rel=1e-9)


def test_one_study_of_two_arms():
    fit = fit_network(network_from_contrasts(["only"], ["b"], ["a"], [0.3], [0.1], reference="a"))
    assert (fit.k, fit.df, fit.tau2, fit.tau2_estimable, fit.q) == (1, 0, 0.0, False, 0.0)
    assert fit.effects.tolist() == [0.0, 0.3]
    assert fit.se[1] == pytest.approx(0.1)
    assert all(math.isnan(x) for x in (fit.i2, fit.i2_lower, fit.q_p_value, fit.pi_lower[1], fit.tau2_interval().upper))
    assert any("cannot be estimated" in notice for notice in fit.notices)


def test_effects_that_agree_leave_no_heterogeneity_at_all():
    evidence = network_from_contrasts(
        ["1", "2", "3", "4"], ["a", "b", "a", "a"], ["b", "c", "c", "d"], [1.1, 2.2, 3.3, 0.7], [0.1, 0.2, 0.3, 0.1]
    )
    for method in NETWORK_METHODS:
        fit = fit_network(evidence, method=method)
        assert (fit.tau2, fit.q, fit.i2, fit.q_inc.q) == (0.0, 0.0, 0.0, 0.0)
        assert fit.contrast("a", "c").estimate == pytest.approx(3.3, rel=1e-14)


def test_pieces_that_no_study_joins():
    evidence = network_from_contrasts(
        ["1", "2", "3", "4"], ["a", "a", "c", "d"], ["b", "b", "d", "e"], [1.0, 1.5, 2.0, 3.0], [0.5, 0.5, 1.0, 1.0],
        reference="c",
    )  # fmt: skip
    fit = fit_network(evidence, method="EE")
    assert evidence.components == ((2, 3, 4), (0, 1))
    assert fit.df == 1
    assert fit.effects[2:].tolist() == pytest.approx([0.0, -2.0, -5.0])
    assert np.isnan(fit.effects[:2]).all()
    assert np.isnan(fit.covariance[:2]).all()
    assert fit.contrast("a", "b").estimate == pytest.approx(1.25)
    assert math.isnan(fit.contrast("a", "c").estimate)
    assert math.isnan(fit.contrast("a", "c").p_value)
    league = fit.league()
    assert np.isnan(league.estimate[:2, 2:]).all()
    assert league.estimate[0, 1] == pytest.approx(1.25)
    scores = fit.p_scores(small_values_good=True)
    assert np.isnan(scores[:2]).all()
    assert np.nanmean(scores) == pytest.approx(0.5)
    assert any("2 pieces" in notice for notice in fit.notices)


def test_numbers_far_apart():
    """Standard errors over sixteen powers of ten: exact rational arithmetic is the reference."""
    from fractions import Fraction

    rng = np.random.default_rng(4)
    size, k = 5, 24
    ends = [sorted(rng.choice(size, 2, replace=False)) for _ in range(k)]
    yi, sei = rng.normal(size=k), 10.0 ** rng.uniform(-8, 8, k)
    evidence = network_from_contrasts(
        range(k), [f"t{j}" for _, j in ends], [f"t{i}" for i, _ in ends], yi, sei, reference="t0"
    )
    fit = fit_network(evidence, method="EE")
    rows = [[Fraction(0)] * size + [Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    right = [Fraction(0)] * size
    for (i, j), y, s in zip(ends, yi, sei, strict=True):
        w = 1 / Fraction(float(s)) ** 2
        for a, b, sign in ((i, i, 1), (j, j, 1), (i, j, -1), (j, i, -1)):
            rows[a][b] += sign * w
        right[j] += w * Fraction(float(y))
        right[i] -= w * Fraction(float(y))
    kept = range(1, size)
    table = [[rows[i][j] for j in kept] + [right[i]] + [rows[i][size + j] for j in kept] for i in kept]
    for c in range(size - 1):
        pivot = table[c][c]
        table[c] = [x / pivot for x in table[c]]
        for r in range(size - 1):
            if r != c:
                factor = table[r][c]
                table[r] = [x - factor * y for x, y in zip(table[r], table[c], strict=True)]
    for r in range(size - 1):
        se = float(table[r][size + r]) ** 0.5
        assert fit.se[r + 1] == pytest.approx(se, rel=1e-10)
        assert abs(fit.effects[r + 1] - float(table[r][size - 1])) < 1e-6 * se


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "XX"}, "method 'XX': there are REML, ML, DL, PM, EE"),
        ({"level": 1.0}, "level = 1.0"),
        ({"tau2": -1.0}, "tau2 = -1.0"),
        ({"tau2": math.inf}, "tau2 = inf"),
    ],
)
def test_refusals(options, said):
    evidence = network_from_contrasts(["1"], ["b"], ["a"], [0.3], [0.1])
    with pytest.raises(ValueError, match=said):
        fit_network(evidence, **options)
    with pytest.raises(ValueError, match="no study has a treatment called 'c': there are a, b"):
        fit_network(evidence).contrast("c")


@pytest.mark.parametrize("size", [300])
def test_many_treatments_need_little_memory(size):
    import tracemalloc

    rng = np.random.default_rng(7)
    ends = [(i, int(rng.integers(i))) for i in range(1, size)] + [
        tuple(rng.choice(size, 2, replace=False)) for _ in range(size)
    ]
    evidence = network_from_contrasts(
        range(len(ends)), [f"t{i}" for i, _ in ends], [f"t{j}" for _, j in ends],
        rng.normal(size=len(ends)), rng.uniform(0.1, 0.5, len(ends)),
    )  # fmt: skip
    tracemalloc.start()
    fit_network(evidence, method="REML")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A dozen squares of all treatments; a square of all comparisons would be 16 GB.
    assert most < 12 * 8 * size**2 + 2_000 * len(ends)
