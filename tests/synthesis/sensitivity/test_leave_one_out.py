"""Leave-one-out against the reference numbers, against refitting, and where nothing is left."""

import math
import tracemalloc

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import TESTS, fit_linear
from evenhand.synthesis.sensitivity.leave_one_out import leave_one_out
from tests.conftest import golden

CASES = [case for case in golden("bias.json") if case["task"] == "leave1out"]
OURS = {"b": "estimate", "se": "se", "pval": "p_value", "Q": "q", "tau2": "tau2", "I2": "i2"}


def test_nothing_drops_out():
    assert len(CASES) == 36
    assert {name for case in CASES for name in case["expected"]} == set(OURS)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    method = case["options"]["method"]
    fits = leave_one_out(case["data"]["yi"], case["data"]["vi"], method=method, test="z")
    for theirs, expected in case["expected"].items():
        tolerance = 1e-6 if method == "REML" else 1e-10
        assert getattr(fits, OURS[theirs]) == pytest.approx(expected, rel=tolerance, abs=1e-12), theirs


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("method", ["REML", "ML", "DL", "PM", "HE", "SJ", "HS", "EE"])
def test_each_row_is_the_fit_without_the_study(method, test):
    rng = np.random.default_rng(3)
    vi = rng.uniform(0.02, 0.4, 9)
    yi = rng.normal(0.4, np.sqrt(vi + 0.15))
    design = np.column_stack([np.ones(9), rng.normal(size=9)])
    fits = leave_one_out(yi, vi, design, method=method, test=test)
    for study in range(9):
        keep = np.arange(9) != study
        alone = fit_linear(yi[keep], vi[keep], design[keep], method=method, test=test)
        assert fits.estimate[study] == pytest.approx(alone.beta, rel=1e-9)
        assert fits.se[study] == pytest.approx(alone.se, rel=1e-9)
        assert fits.covariance[study] == pytest.approx(alone.covariance, rel=1e-8)
        assert fits.p_value[study] == pytest.approx(alone.p_value, rel=1e-8)
        assert fits.tau2[study] == pytest.approx(alone.tau2, rel=1e-8)
        assert (fits.q[study], fits.i2[study]) == pytest.approx((alone.q, alone.i2), rel=1e-8)


def test_one_study_leaves_nothing():
    fits = leave_one_out([0.3], [0.1])
    assert not fits.exists[0]
    assert math.isnan(fits.estimate[0])
    assert math.isnan(fits.tau2[0])


def test_two_studies_leave_one():
    fits = leave_one_out([0.3, 0.5], [0.1, 0.2])
    assert fits.estimate.tolist() == [0.5, 0.3]
    assert not fits.tau2_estimable.any()
    assert fits.tau2.tolist() == [0.0, 0.0]
    assert np.isnan(fits.df).all()


def test_a_column_that_one_study_alone_tells():
    design = np.column_stack([np.ones(5), [0, 0, 1, 0, 0]])
    fits = leave_one_out([0.1, 0.4, 0.9, 0.2, 0.3], [0.1] * 5, design)
    assert fits.exists.tolist() == [True, True, False, True, True]
    assert np.isnan(fits.estimate[2]).all()
    assert np.isfinite(fits.estimate[[0, 1, 3, 4]]).all()


def test_many_studies_need_no_square_matrix():
    rng = np.random.default_rng(6)
    vi = rng.uniform(0.02, 0.4, 2300)
    yi = rng.normal(0.4, np.sqrt(vi + 0.15))
    tracemalloc.start()
    fits = leave_one_out(yi, vi, method="DL", test="z")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 2,300² numbers of 8 bytes are 42 MB.
    assert most < 30e6
    assert fits.k.tolist() == [2299] * 2300
    for study in (0, 434, 2299):
        keep = np.arange(2300) != study
        alone = fit_linear(yi[keep], vi[keep], method="DL", test="z")
        assert fits.estimate[study] == pytest.approx(alone.beta[0], rel=1e-10)
