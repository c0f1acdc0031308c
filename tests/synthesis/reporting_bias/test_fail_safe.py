"""Fail-safe N, against the whole reference file, figures in print, and at the edges."""

import math

import numpy as np
import pytest
from scipy.special import chdtrc, ndtr

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.reporting_bias.fail_safe import (
    _approximately,
    general_fail_safe_n,
    orwin_fail_safe_n,
    rosenberg_fail_safe_n,
    rosenthal_fail_safe_n,
)
from tests.conftest import golden
from tests.synthesis.reporting_bias.reference import agrees, cases

OF = {"Rosenthal": rosenthal_fail_safe_n, "Orwin": orwin_fail_safe_n, "Rosenberg": rosenberg_fail_safe_n}
FIELDS = {"fsnum": "n", "pval": "p_value", "est": "estimate", "target": "target"}


@cases("fsn")
def test_reference(case):
    yi, vi, expected = case["data"]["yi"], case["data"]["vi"], case["expected"]
    if case["options"]["type"] == "General":
        general(np.array(yi), np.array(vi), expected)
        return
    result = OF[case["options"]["type"]](yi, vi)
    for theirs, ours in FIELDS.items():
        if theirs in expected:
            agrees(getattr(result, ours), expected[theirs], 1e-10, theirs)


def general(yi, vi, expected):
    """The reference stops REML early, and rounds up a root that may lie a hair above the whole number it belongs to."""
    result = general_fail_safe_n(yi, vi)
    theirs = fit_linear(yi, vi, test="z", tau2=expected["tau2"])
    assert meta_analysis(yi, vi, test="z").fit.log_likelihood >= theirs.fit.log_likelihood - 1e-10
    assert result.tau2 == pytest.approx(expected["tau2"], abs=1e-5)
    agrees(float(theirs.beta[0]), expected["est"], 1e-8)
    agrees(float(theirs.p_value[0]), expected["pval"], 1e-6)
    n, harmonic = expected["fsnum"], 1 / float((1 / vi).mean())
    assert result.n in (n, n - 1)
    if n > 0:
        # From the reference's own start, what follows with its own number of studies agrees.
        with_them = _approximately(yi, vi, expected["est"], expected["tau2"], harmonic, n, common=False)
        for ours, name in zip(with_them, ("est_fsn", "tau2_fsn", "pval_fsn"), strict=True):
            agrees(ours, expected[name], 1e-8, name)
        # Ours is enough, and one fewer is not.
        assert result.p_value_with >= 0.05
        fewer = _approximately(yi, vi, result.estimate, result.tau2, harmonic, int(result.n) - 1, common=False)
        assert fewer[2] < 0.05


def data(key):
    case = next(case for case in golden("bias.json") if case["key"] == key and case["task"] == "fsn")
    return case["data"]["yi"], case["data"]["vi"]


# Becker (2005), in Rothstein et al., Publication Bias in Meta-Analysis, ch. 7: its three data sets, as the reference
# program's own checks have them.
def test_figures_of_the_teacher_expectancy_studies():
    yi, vi = data("raudenbush1985")
    assert rosenthal_fail_safe_n(yi, vi).n == 26
    assert orwin_fail_safe_n(yi, vi, target=0.05, weighted=False).n == 44
    assert orwin_fail_safe_n(yi, vi, target=0.05).n == 4
    assert rosenberg_fail_safe_n(yi, vi).n == 0
    assert general_fail_safe_n(yi, vi, refit=True).n == 0
    assert general_fail_safe_n(yi, vi, target=0.05).n == 12


def test_figures_of_the_passive_smoking_studies():
    yi, vi = data("hackshaw1998")
    assert rosenthal_fail_safe_n(yi, vi).n == 393
    assert orwin_fail_safe_n(yi, vi, target=0.049, weighted=False).n == 186
    assert orwin_fail_safe_n(yi, vi, target=0.049).n == 104
    assert rosenberg_fail_safe_n(yi, vi).n == 202
    assert general_fail_safe_n(yi, vi).n == 112
    assert general_fail_safe_n(yi, vi, refit=True).n == 119


def test_with_a_common_effect_the_general_method_is_rosenbergs_and_orwins():
    yi, vi = data("hackshaw1998")
    assert general_fail_safe_n(yi, vi, method="EE").n == rosenberg_fail_safe_n(yi, vi).n
    general, orwin = general_fail_safe_n(yi, vi, method="EE", target=0.049), orwin_fail_safe_n(yi, vi, target=0.049)
    assert general.n == orwin.n


@pytest.mark.parametrize("method", [rosenthal_fail_safe_n, rosenberg_fail_safe_n, general_fail_safe_n])
class TestEdges:
    def test_one_study(self, method):
        assert method([0.0], [0.1]).n == 0
        assert method([3.0], [0.1]).n > 0

    def test_the_sign_does_not_matter(self, method):
        yi, vi = [0.5, 0.9, 0.3], [0.02, 0.03, 0.04]
        assert method(yi, vi).n == method([-y for y in yi], vi).n > 0

    def test_the_studies_found_are_enough_and_one_fewer_is_not(self, method):
        yi, vi = np.array([0.5, 0.9, 0.3]), np.array([0.02, 0.03, 0.04])
        result = method(yi, vi)
        assert result.p_value_with >= 0.05 > result.p_value
        assert method(yi, vi, alpha=result.p_value_with * (1 - 1e-9)).n == result.n

    def test_a_level_is_named(self, method):
        with pytest.raises(ValueError, match="alpha = 5"):
            method([0.1], [0.1], alpha=5)


def test_a_target_of_nothing_is_never_reached():
    assert orwin_fail_safe_n([0.5, 0.2], [0.1, 0.1], target=0).n == math.inf
    result = general_fail_safe_n([0.5, 0.2], [0.1, 0.1], target=0)
    assert result.at_least
    assert result.n == 10_000_000


def test_a_target_beyond_the_estimate_needs_none():
    assert orwin_fail_safe_n([0.5, 0.2], [0.1, 0.1], target=0.9).n == 0
    assert general_fail_safe_n([0.5, 0.2], [0.1, 0.1], target=0.9).n == 0


def test_huge_effects_do_not_take_forever():
    result = general_fail_safe_n([500.0, 510.0, 490.0], [1.0, 1.0, 1.0], method="EE")
    assert result.n == rosenberg_fail_safe_n([500.0, 510.0, 490.0], [1.0, 1.0, 1.0]).n


def test_fishers_pooling_by_its_own_distribution():
    yi, vi = data("raudenbush1985")
    one_sided = ndtr(-np.abs(np.array(yi) / np.sqrt(vi)))

    def combined(added):
        return chdtrc(2 * (len(yi) + added), -2 * (np.log(one_sided).sum() + added * math.log(0.5)))

    result = rosenthal_fail_safe_n(yi, vi, pool="Fisher")
    assert result.p_value == pytest.approx(combined(0), rel=1e-12)
    assert combined(result.n) >= 0.05 > combined(result.n - 1)


def test_pool_is_named():
    with pytest.raises(ValueError, match="pool 'Edgington'"):
        rosenthal_fail_safe_n([0.1], [0.1], pool="Edgington")
