"""Subgroup analysis: against regression on the kind, against each kind pooled alone, and where kinds are small."""

import math

import numpy as np
import pytest

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.regression.mixed_effects import meta_regression
from evenhand.synthesis.regression.subgroups import subgroup_analysis
from tests.conftest import golden

# By Paule and Mandel the reference stops early, as the tests of regression show.
CASES = [
    case
    for case in golden("metareg.json")
    if case["task"] == "metareg"
    and case["options"]["formula"] in ("~alloc", "~alloc-1", "~struct", "~fungrp")
    and case["options"]["method"] != "PM"
]


def kind(case):
    return case["data"][case["options"]["formula"].strip("~").removesuffix("-1")]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_common_variance_is_the_reference_regression(case):
    data, method, reference = case["data"], case["options"]["method"], case["expected"]
    found = subgroup_analysis(data["yi"], data["vi"], kind(case), tau2="common", method=method, test="z")
    assert found.common_tau2 == pytest.approx(reference["tau2"], rel=1e-6, abs=1e-14)
    assert found.q_within == pytest.approx(reference["QE"], rel=1e-8)
    if case["options"]["formula"].endswith("-1"):
        block = reference["tests"]["z"]
        assert [group.pooled.estimate for group in found.subgroups] == pytest.approx(block["b"], rel=1e-6)
        assert [group.pooled.se for group in found.subgroups] == pytest.approx(block["se"], rel=1e-6)
    else:
        assert found.between.statistic == pytest.approx(reference["tests"]["z"]["QM"], rel=1e-6)
        assert found.between.p_value == pytest.approx(reference["tests"]["z"]["QMp"], rel=1e-6)


BCG = next(case for case in CASES if case["id"] == "metareg/bcg/RR/~alloc/REML")["data"]


@pytest.mark.parametrize("test", ["z", "knha"])
def test_separate_variances_are_each_kind_alone(test):
    found = subgroup_analysis(BCG["yi"], BCG["vi"], BCG["alloc"], test=test)
    yi, vi = np.array(BCG["yi"]), np.array(BCG["vi"])
    for group in found.subgroups:
        rows = [i for i, name in enumerate(BCG["alloc"]) if name == group.name]
        assert group.studies == tuple(rows)
        assert repr(group.pooled) == repr(meta_analysis(yi[rows], vi[rows], test=test))  # nan is not equal to itself
    means, se = (np.array([getattr(group.pooled, name) for group in found.subgroups]) for name in ("estimate", "se"))
    centre = (means / se**2).sum() / (1 / se**2).sum()
    assert found.between.statistic == pytest.approx(((means - centre) ** 2 / se**2).sum(), rel=1e-12)
    assert repr(found.overall) == repr(meta_analysis(yi, vi, test=test))
    assert found.to_frame().shape[0] == 4


def test_q_adds_up_for_equal_effects():
    found = subgroup_analysis(BCG["yi"], BCG["vi"], BCG["alloc"], method="EE", test="z")
    assert found.q_within + found.between.statistic == pytest.approx(found.overall.q, rel=1e-12)
    assert found.q_within_df + found.between.df1 == 12


def test_a_kind_of_one_study_and_a_study_of_no_kind():
    found = subgroup_analysis([0.1, 0.5, 0.3, 0.9], [0.1, 0.2, 0.1, 0.1], ["a", "a", "b", None])
    assert found.left_out == (3,)
    assert [(group.name, group.pooled.k, group.pooled.tau2_estimable) for group in found.subgroups] == [
        ("a", 2, True), ("b", 1, False),
    ]  # fmt: skip


def test_one_kind_has_nothing_to_differ_from():
    found = subgroup_analysis([0.1, 0.5], [0.1, 0.2], [1, 1])
    assert found.between.df1 == 0
    assert math.isnan(found.between.p_value)


def test_numbers_are_kinds_in_their_order():
    found = subgroup_analysis([0.1, 0.5, 0.2, 0.4], [0.1] * 4, [10, 9, 10, 9])
    assert [group.name for group in found.subgroups] == ["9", "10"]


def test_the_f_test_is_the_regression():
    z = subgroup_analysis(BCG["yi"], BCG["vi"], BCG["alloc"], tau2="common", test="t").between
    f = meta_regression(BCG["yi"], BCG["vi"], "~ alloc", BCG, test="t").omnibus
    assert z.statistic / 2 == pytest.approx(f.statistic, rel=1e-8)


@pytest.mark.parametrize(
    ("groups", "options", "says"),
    [
        (["a"], {}, "1 groups for 2 studies"),
        ([None, None], {}, "no study's kind is known"),
        (["a", "b"], {"tau2": "pooled"}, "tau2 'pooled': there are separate, common"),
    ],
)
def test_what_cannot_be_grouped_is_said(groups, options, says):
    with pytest.raises(ValueError, match=says):
        subgroup_analysis([0.1, 0.2], [0.1, 0.1], groups, **options)
