"""Direct against indirect: the whole reference files, refits by hand, and what has no indirect evidence."""

import numpy as np
import pytest

from evenhand.synthesis.network.evidence import network_from_contrasts
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.network.side_splitting import side_splitting
from tests.synthesis.network.reference_cases import LIKELIHOOD_NETWORKS, NETWORKS, from_contrasts, ids, numbers

SPLIT_BY_LIKELIHOOD = [case for case in LIKELIHOOD_NETWORKS if "netsplit" in case["expected"]]
SEPARATED = [case for case in NETWORKS if "netsplit_SIDDE" in case["expected"]]
# Reference's column, ours, and whether it turns with the comparison.
COLUMNS = {
    "direct_TE": ("direct", True),
    "direct_se": ("direct_se", False),
    "indirect_TE": ("indirect", True),
    "indirect_se": ("indirect_se", False),
    "diff": ("difference", True),
    "diff_se": ("difference_se", False),
    "z": ("statistic", True),
    "pval": ("p_value", False),
    "prop_direct": ("direct_share", False),
}


def check_split(split, comparisons, block, rtol):
    place = {
        (split.treatments[i], split.treatments[j]): row
        for row, (i, j) in enumerate(zip(split.first, split.second, strict=True))
    }
    compared = 0
    for at, name in enumerate(comparisons):
        one, other = name.split(":")
        if (one, other) not in place and (other, one) not in place:
            assert block["direct_TE"][at] is None
            continue
        sign = 1.0 if (one, other) in place else -1.0
        row = place.get((one, other), place.get((other, one)))
        for theirs, (ours, turns) in COLUMNS.items():
            if theirs in block:
                value = getattr(split, ours)[row] * (sign if turns else 1.0)
                expected = numbers([block[theirs][at]])[0]
                # A difference of nearly equal effects has the digits of the effects.
                np.testing.assert_allclose(value, expected, rtol=rtol, atol=rtol, err_msg=f"{name} {theirs}")
                compared += 1
    assert compared >= 7 * split.first.size


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
@pytest.mark.parametrize(("model", "method"), [("common", "EE"), ("random", "DL")])
def test_side_reference(case, model, method):
    split = side_splitting(fit_network(from_contrasts(case), method=method))
    block = case["expected"]["netsplit"]
    check_split(split, block["comparison"], block[model], 1e-9)
    k = {frozenset(name.split(":")): count for name, count in zip(block["comparison"], block["k"], strict=True)}
    for i, j, count in zip(split.first, split.second, split.k, strict=True):
        assert count == k[frozenset((split.treatments[i], split.treatments[j]))]


@pytest.mark.parametrize("case", SPLIT_BY_LIKELIHOOD, ids=ids(SPLIT_BY_LIKELIHOOD))
def test_side_reference_at_its_variance(case):
    """The variance is the reference's own, so that its search's slack is no part of the comparison."""
    expected = case["expected"]
    fit = fit_network(from_contrasts(case), method="REML", tau2=expected["tau2"])
    block = expected["netsplit"]
    check_split(side_splitting(fit), block["comparison"], block.get("random", block), 1e-5)


@pytest.mark.parametrize("case", SEPARATED, ids=ids(SEPARATED))
def test_sidde_reference(case):
    split = side_splitting(fit_network(from_contrasts(case), method="DL"), method="SIDDE")
    block = case["expected"]["netsplit_SIDDE"]
    assert len(SEPARATED) == 8
    check_split(split, block["comparison"], block["random"], 1e-9)


@pytest.mark.parametrize("case", NETWORKS, ids=ids(NETWORKS))
def test_one_variance_is_the_refit_at_that_variance(case):
    evidence = from_contrasts(case)
    fit = fit_network(evidence, method="EE")
    updated = side_splitting(fit, method="SIDDE", refit_tau2=False)
    refitted = side_splitting(fit_network(evidence, method="DL", tau2=0.0), method="SIDDE", refit_tau2=False)
    np.testing.assert_allclose(updated.indirect, refitted.indirect, rtol=1e-12)
    for row, (i, j) in enumerate(zip(fit.direct().first, fit.direct().second, strict=True)):
        rest = [one for one in evidence.studies if not {i, j} <= set(one.treatments)]
        pairs = [(one.label, *pair) for one in rest for pair in one.pairs()]
        in_rest = {t for _, a, b, _, _ in pairs for t in (a, b)}
        if not {i, j} <= in_rest:
            assert np.isnan(updated.indirect[row])
            continue
        label, first, second, yi, vi = zip(*pairs, strict=True)
        names = fit.treatments
        own = fit_network(
            network_from_contrasts(label, [names[t] for t in first], [names[t] for t in second], yi, np.sqrt(vi)),
            method="EE",
        ).contrast(names[i], names[j])
        np.testing.assert_allclose(updated.indirect[row], own.estimate, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(updated.indirect_se[row], own.se, rtol=1e-9)


def test_bucher_by_hand():
    """A v B 1 (se 1), B v C 1 (se 1), A v C 3 (se √2): indirect A v C is 2 with variance 2."""
    evidence = network_from_contrasts(["1", "2", "3"], [*"ABA"], [*"BCC"], [1.0, 1.0, 3.0], [1.0, 1.0, 2**0.5])
    split = side_splitting(fit_network(evidence, method="EE"))
    row = next(i for i, pair in enumerate(zip(split.first, split.second, strict=True)) if pair == (0, 2))
    assert split.indirect[row] == pytest.approx(2.0)
    assert split.indirect_se[row] == pytest.approx(2**0.5)
    assert split.difference[row] == pytest.approx(1.0)
    assert split.statistic[row] == pytest.approx(0.5)
    assert split.direct_share[row] == pytest.approx(0.5)


def test_without_indirect_evidence_there_is_no_difference():
    evidence = network_from_contrasts(["1", "2"], [*"AB"], [*"BC"], [1.0, 1.0], [1.0, 1.0])
    for method in ("SIDE", "SIDDE"):
        split = side_splitting(fit_network(evidence, method="EE"), method=method)
        assert np.isnan(split.indirect).all() and np.isnan(split.p_value).all()
        np.testing.assert_allclose(split.direct_share, 1.0)


def test_a_method_that_is_not_there():
    evidence = network_from_contrasts(["1"], [*"A"], [*"B"], [1.0], [1.0])
    with pytest.raises(ValueError, match="there are SIDE, SIDDE"):
        side_splitting(fit_network(evidence), method="DIAS")
