"""What each design adds to the disagreement: the whole reference files, and networks with nothing to decompose."""

import math

import numpy as np
import pytest

from evenhand.synthesis.network.design_decomposition import design_decomposition, tau2_within_designs
from evenhand.synthesis.network.evidence import network_from_contrasts
from evenhand.synthesis.network.net_heat import net_heat
from evenhand.synthesis.network.network_fit import fit_network
from tests.synthesis.network.reference_cases import NETWORKS, from_contrasts, ids, numbers

DECOMPOSED = [case for case in NETWORKS if "decomp_design" in case["expected"]]


def same_part(part, q, df, p_value):
    assert part.df == df
    np.testing.assert_allclose(part.q, q, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(part.p_value, numbers([p_value])[0], rtol=1e-8)


@pytest.mark.parametrize("case", DECOMPOSED, ids=ids(DECOMPOSED))
def test_reference(case):
    expected = case["expected"]["decomp_design"]
    found = design_decomposition(from_contrasts(case), method="DL")
    parts = (found.q.total, found.q.heterogeneity, found.q.inconsistency)
    whole = expected["Q_decomp"]
    for part, q, df, p in zip(parts, whole["Q"], whole["df"], whole["pval"], strict=True):
        same_part(part, q, df, p)
    detached = {frozenset(one.design): one for one in found.detached}
    theirs = expected["Q_inc_detach"]
    for name, q, df, p in zip(theirs["design"], theirs["Q"], theirs["df"], theirs["pval"], strict=True):
        same_part(detached.pop(frozenset(name.split(":"))).between, q, df, p)
    # The reference does not list a design without which a treatment is in no study.
    assert all(one.loses for one in detached.values())
    interaction = expected["Q_inc_random"]
    same_part(found.interaction, interaction["Q"][0], interaction["df"][0], interaction["pval"][0])
    np.testing.assert_allclose(found.tau_within, interaction["tau.within"][0], rtol=1e-10)


@pytest.mark.parametrize("case", DECOMPOSED, ids=ids(DECOMPOSED))
def test_net_heat_adds_up(case):
    """Its columns sum to what detaching takes off Q, which the reference has; its diagonal to Q between designs."""
    evidence = from_contrasts(case)
    heat = net_heat(evidence)
    found = design_decomposition(evidence)
    left = {one.design: one.between.q for one in found.detached}
    assert set(heat.designs) == set(left)
    total = found.q.inconsistency.q
    np.testing.assert_allclose(heat.disagreement.sum(), total, rtol=1e-9)
    np.testing.assert_allclose(np.diagonal(heat.change), heat.disagreement)
    for column, design in enumerate(heat.designs):
        np.testing.assert_allclose(total - heat.change[:, column].sum(), left[design], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("case", DECOMPOSED, ids=ids(DECOMPOSED))
def test_net_heat_of_two_arm_designs_is_the_hat_matrix(case):
    """The largest share of a two-arm design in its own estimate is the direct evidence where no other study has it."""
    evidence = from_contrasts(case)
    heat = net_heat(evidence)
    fit = fit_network(evidence, method="EE")
    alone = {pair for one in evidence.studies if len(one.treatments) > 2 for pair in _pairs(one.treatments)}
    direct = fit.direct()
    for i, j, se in zip(direct.first, direct.second, direct.se, strict=True):
        design = (fit.treatments[i], fit.treatments[j])
        if (i, j) not in alone and design in heat.designs:
            at = heat.designs.index(design)
            share = fit.contrast(*design).se ** 2 / se**2
            np.testing.assert_allclose(heat.contribution[at, at], share, rtol=1e-9)


def _pairs(treatments):
    return {(i, j) for i in treatments for j in treatments if i < j}


def test_net_heat_with_the_variance_within_designs_is_the_interaction_test():
    case = DECOMPOSED[0]
    evidence = from_contrasts(case)
    heat = net_heat(evidence, between_designs=True)
    np.testing.assert_allclose(heat.disagreement.sum(), case["expected"]["decomp_design"]["Q_inc_random"]["Q"][0])


def test_triangle_by_hand():
    """A v B 1, B v C 1, A v C 5, all of variance 1: the loop misses 0 by 3 with variance 3, so Q is 3."""
    evidence = network_from_contrasts(["1", "2", "3"], [*"ABA"], [*"BCC"], [1.0, 1.0, 5.0], [1.0, 1.0, 1.0])
    found = design_decomposition(evidence)
    assert (found.q.inconsistency.q, found.q.inconsistency.df) == (pytest.approx(3.0), 1)
    assert [one.between.df for one in found.detached] == [0, 0, 0]
    assert [one.between.q for one in found.detached] == [0.0, 0.0, 0.0]
    assert math.isnan(found.tau2_within)
    np.testing.assert_allclose(net_heat(evidence).disagreement, [1.0, 1.0, 1.0])


def test_a_tree_has_nothing_to_decompose():
    evidence = network_from_contrasts(["1", "2", "3"], [*"ABA"], [*"BCB"], [1.0, 1.0, 1.2], [1.0, 1.0, 1.0])
    found = design_decomposition(evidence)
    assert found.detached == ()
    assert found.q.inconsistency.df == 0
    assert math.isnan(found.interaction.p_value)
    assert net_heat(evidence).designs == ()


def test_pieces_apart_are_each_decomposed():
    rows = [("1", "A", "B", 1.0), ("2", "B", "C", 1.0), ("3", "A", "C", 5.0), ("4", "D", "E", 0.3)]
    study, one, other, yi = zip(*rows, strict=True)
    found = design_decomposition(network_from_contrasts(study, one, other, yi, [1.0] * 4))
    assert (found.q.inconsistency.q, found.q.inconsistency.df) == (pytest.approx(3.0), 1)
    assert len(found.detached) == 3


def test_variance_within_designs_does_not_depend_on_designs_of_one_study():
    two = [("1", "A", "B", 0.0), ("2", "A", "B", 4.0)]
    more = [*two, ("3", "B", "C", 9.0)]
    one, other = (
        tau2_within_designs(network_from_contrasts(*list(zip(*rows, strict=True)), [1.0] * len(rows)))
        for rows in (two, more)
    )
    assert one == other == pytest.approx(7.0)  # Q = 8 with one degree of freedom: (8 − 1) / 1


@pytest.mark.parametrize("method", ["ML", "XX"])
def test_a_method_that_is_not_there(method):
    evidence = network_from_contrasts(["1"], [*"A"], [*"B"], [1.0], [1.0])
    with pytest.raises(ValueError, match=f"method '{method}'"):
        design_decomposition(evidence, method=method)
