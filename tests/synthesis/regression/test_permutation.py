"""Permutation tests against the reference file, against one fit at a time, and where there is little to permute."""

import time

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.regression.linear_contrasts import joint_test
from evenhand.synthesis.regression.mixed_effects import meta_regression
from evenhand.synthesis.regression.permutation import permutation_test
from tests.conftest import golden

CASES = [case for case in golden("metareg.json") if case["task"] == "permutest"]


def fitted(case):
    options = case["options"]
    data = case["data"]
    return meta_regression(
        data["yi"], data["vi"], options["formula"], data, method=options["method"], test=options["test"]
    )


def test_nothing_drops_out():
    assert len(CASES) == 12
    assert {field for case in CASES for field in case["expected"]} == {"iter", "pval", "QMp", "b", "stat", "QM"}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    expected, regression = case["expected"], fitted(case)
    found = permutation_test(regression, exact=True)
    # Counts of arrangements: they agree or they do not.
    assert found.p_value == pytest.approx(expected["pval"], rel=1e-12)
    assert found.omnibus_p_value == pytest.approx(expected["QMp"], rel=1e-12)
    assert regression.fit.beta == pytest.approx(expected["b"], rel=1e-8)
    assert found.statistic == pytest.approx(expected["stat"], rel=1e-8)
    assert found.omnibus_statistic == pytest.approx(expected["QM"], rel=1e-8)


X = np.array([44.0, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33])
BCG = next(case["data"] for case in golden("metareg.json") if case["id"] == "metareg/bcg/RR/~ablat/REML")


@pytest.mark.parametrize("test", ["z", "knha", "adhoc", "t"])
@pytest.mark.parametrize("method", ["REML", "DL", "PM", "SJ", "EE"])
def test_is_what_one_fit_at_a_time_gives(method, test):
    data = {"x": X[:6], "g": ["a", "a", "b", "b", "c", "c"]}
    regression = meta_regression(BCG["yi"][:6], BCG["vi"][:6], "~ x + g", data, method=method, test=test)
    found = permutation_test(regression, iterations=5, exact=False, rng=np.random.default_rng(8))
    orders = np.random.default_rng(8).permuted(np.broadcast_to(np.arange(6), (5, 6)), axis=1)
    groups = np.unique(regression.fit.X, axis=0, return_inverse=True)[1].reshape(-1)
    rows = regression.fit.X[np.argsort(groups, kind="stable")]
    for m, order in enumerate(orders):
        one = fit_linear(regression.fit.yi[order], regression.fit.vi[order], rows, method=method, test=test)
        assert found.statistics[m + 1] == pytest.approx(one.statistic, rel=1e-7)
        together = joint_test(one.beta[1:], one.covariance[1:, 1:], one.df)
        assert found.omnibus_statistics[m + 1] == pytest.approx(together.statistic, rel=1e-7)


def test_alike_rows_are_one_arrangement():
    group = [0, 0, 0, 1, 1, 1, 1, 1]
    regression = meta_regression(BCG["yi"][:8], BCG["vi"][:8], "~ g", {"g": group}, method="DL", test="z")
    assert permutation_test(regression, exact=True).arrangements == 56  # 8! / (3! 5!)


def test_few_arrangements_are_all_tried():
    regression = meta_regression([0.1, 0.7, -0.3], [0.1, 0.2, 0.1], "~ x", {"x": [1, 2, 3]}, test="z")
    found = permutation_test(regression)
    assert (found.exact, found.arrangements) == (True, 6)
    assert found.p_value.min() >= 1 / 6


def test_one_study_has_two_signs():
    found = permutation_test(meta_regression([0.4], [0.01]))
    assert (found.arrangements, found.p_value[0]) == (2, 1.0)


def test_a_sample_agrees_with_all_and_repeats_itself():
    regression = meta_regression(BCG["yi"][:7], BCG["vi"][:7], "~ x", {"x": X[:7]}, method="DL", test="z")
    every = permutation_test(regression, exact=True)
    one, two = (
        permutation_test(regression, exact=False, iterations=4000, rng=np.random.default_rng(5)) for _ in range(2)
    )
    assert np.array_equal(one.p_value, two.p_value)
    assert one.arrangements == 4001
    assert one.p_value == pytest.approx(every.p_value, abs=4 * np.sqrt(0.25 / 4000))


def test_one_sided_p_values_share_out_the_probability():
    regression = meta_regression(BCG["yi"][:7], BCG["vi"][:7], "~ x", {"x": X[:7]}, method="DL", test="z")
    greater, less = (permutation_test(regression, exact=True, alternative=side).p_value for side in ("greater", "less"))
    # Every arrangement is on one side or tied.
    assert (greater + less >= 1).all()
    assert less[1] < 0.5 < greater[1]


def test_a_thousand_arrangements_take_no_longer_than_a_breath():
    regression = meta_regression(BCG["yi"], BCG["vi"], "~ x", {"x": X}, test="z")
    permutation_test(regression, rng=np.random.default_rng(1))
    started = time.process_time()
    permutation_test(regression, rng=np.random.default_rng(1))
    # The point is that no arrangement is fitted by itself: that alone would take seconds.
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "6227020800 arrangements are sampled: give rng|arrangements are sampled: give rng"),
        ({"exact": True}, "arrangements are too many for an exact test"),
        ({"alternative": "both"}, "alternative 'both'"),
        ({"iterations": 0}, "iterations = 0"),
    ],
)
def test_what_cannot_be_permuted_is_said(options, says):
    regression = meta_regression(BCG["yi"], BCG["vi"], "~ x", {"x": X})
    with pytest.raises(ValueError, match=says):
        permutation_test(regression, **options)
    weighted = meta_regression(BCG["yi"], BCG["vi"], "~ x", {"x": X}, tau2=0.1)
    with pytest.raises(ValueError, match="fit without weights or tau2"):
        permutation_test(weighted, rng=np.random.default_rng(1))
