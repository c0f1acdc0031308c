"""Classical estimates against the reference numbers, and at the edges where programs fail."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.synthesis.pairwise import TESTS, meta_analysis
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.synthesis.tau2.reml import restricted_log_likelihood
from tests.conftest import golden

CASES = golden("pairwise.json")
# What the reference file holds and this release does not compute, named so that nothing drops out in silence.
NOT_BUILT = {"GENQ", "GENQM", "PMM", "DLIT", "SJIT"}
NOT_BUILT_VARIANTS = {"/unweighted", "/unitw"}
NOT_BUILT_TASKS = {"pairwise_meta"}
NOT_BUILT_FIELDS = {"confint", "blup", "rstandard", "hat"}

BUILT = [
    case
    for case in CASES
    if case["task"] == "pairwise"
    and case["options"]["method"] in ESTIMATORS
    and case["options"].get("variant") not in NOT_BUILT_VARIANTS
]
CLOSED_FORM = {"EE", "DL", "HE", "HS", "HSk", "SJ"}
OF_THE_TEST = {
    "b": "estimate", "se": "se", "stat": "statistic", "pval": "p_value", "ci_lb": "ci_lower", "ci_ub": "ci_upper",
    "pi_lb": "pi_lower", "pi_ub": "pi_upper", "pi_riley_lb": "pi_riley_lower", "pi_riley_ub": "pi_riley_upper",
    "df": "df",
}  # fmt: skip
OF_THE_MODEL = {"tau2": "tau2", "se_tau2": "se_tau2", "I2": "i2", "H2": "h2", "QE": "q", "QEp": "q_p_value", "k": "k"}
OF_THE_FIT = {"logLik": "log_likelihood", "deviance": "deviance", "AIC": "aic", "BIC": "bic", "AICc": "aicc"}


def test_nothing_drops_out():
    assert {case["task"] for case in CASES} - {"pairwise"} == NOT_BUILT_TASKS
    pairwise = [case for case in CASES if case["task"] == "pairwise"]
    assert {case["options"]["method"] for case in pairwise} - set(ESTIMATORS) == NOT_BUILT
    assert {case["options"].get("variant") for case in pairwise} - {None} == NOT_BUILT_VARIANTS
    fields = {field for case in BUILT for field in case["expected"]}
    assert fields == {*OF_THE_MODEL, "tests", "fit_stats", "weights"} | NOT_BUILT_FIELDS
    of_the_tests = {field for case in BUILT for block in case["expected"]["tests"].values() for field in block}
    assert of_the_tests == {*OF_THE_TEST, "s2w"}
    assert len(BUILT) == 435


def agrees(ours, reference, tolerance, where):
    reference = {"Inf": math.inf, "-Inf": -math.inf}.get(reference, reference)
    if reference is None:
        assert ours is None or math.isnan(ours), where
    else:
        # A deviance of identical effects is 0 up to rounding; all else is relative.
        assert ours == pytest.approx(reference, rel=tolerance, abs=1e-14 if "deviance" in where else 0), where


@pytest.mark.parametrize("case", BUILT, ids=[case["id"] for case in BUILT])
def test_reference(case):
    method, expected = case["options"]["method"], case["expected"]
    tolerance = 1e-8 if method in CLOSED_FORM else 1e-6
    for test, block in expected["tests"].items():
        fit = meta_analysis(case["data"]["yi"], case["data"]["vi"], method=method, test=test)
        for theirs, ours in OF_THE_TEST.items():
            if theirs in block:
                agrees(getattr(fit, ours), block[theirs], tolerance, f"{test}: {theirs}")
        if "s2w" in block:
            plain = meta_analysis(case["data"]["yi"], case["data"]["vi"], method=method, test="z")
            agrees((fit.se / plain.se) ** 2, block["s2w"], tolerance, f"{test}: s2w")
    for theirs, ours in OF_THE_MODEL.items():
        agrees(getattr(fit, ours), expected[theirs], tolerance, theirs)
    for theirs, ours in OF_THE_FIT.items() if "fit_stats" in expected else ():
        agrees(getattr(fit.fit, ours), expected["fit_stats"][theirs], tolerance, theirs)
    if "weights" in expected:
        assert fit.weights == pytest.approx(expected["weights"], rel=tolerance)


@pytest.mark.parametrize("method", ESTIMATORS)
class TestEdges:
    def test_one_study(self, method):
        fit = meta_analysis([0.3], [0.04], method=method)
        assert (fit.estimate, fit.se, fit.tau2, fit.test, fit.k) == (0.3, pytest.approx(0.2), 0.0, "z", 1)
        assert not fit.tau2_estimable
        assert fit.weights == (100.0,)
        assert math.isnan(fit.se_tau2)

    def test_identical_effects(self, method):
        fit = meta_analysis([0.25] * 4, [0.1, 0.2, 0.3, 0.4], method=method, test="z")
        assert (fit.estimate, fit.tau2, fit.q) == (pytest.approx(0.25), 0.0, pytest.approx(0.0, abs=1e-15))

    def test_two_studies_far_apart(self, method):
        fit = meta_analysis([-5.0, 5.0], [0.01, 0.01], method=method, test="z")
        assert fit.estimate == pytest.approx(0.0, abs=1e-12)
        assert (fit.tau2 > 20) == (method != "EE")

    def test_shift_and_scale(self, method):
        yi, vi = np.array([0.1, 0.9, -0.4, 1.5, 0.2]), np.array([0.05, 0.2, 0.1, 0.3, 0.02])
        plain, moved = meta_analysis(yi, vi, method=method), meta_analysis(1000 + 10 * yi, 100 * vi, method=method)
        assert moved.estimate == pytest.approx(1000 + 10 * plain.estimate, rel=1e-12)
        assert moved.tau2 == pytest.approx(100 * plain.tau2, rel=1e-8)
        assert moved.i2 == pytest.approx(plain.i2, rel=1e-8)

    def test_a_name_a_title_and_a_reference(self, method):
        estimator = ESTIMATORS[method]
        assert estimator.name == method
        assert estimator.title
        assert any(character.isdigit() for character in estimator.reference)


def test_equal_variances_have_a_closed_form():
    yi = np.array([-0.5, 0.2, 1.3, 0.4])
    for method in ("REML", "DL", "HE", "PM"):
        fit = meta_analysis(yi, [0.1] * 4, method=method)
        assert fit.tau2 == pytest.approx(yi.var(ddof=1) - 0.1, rel=1e-12)
    assert meta_analysis(yi, [0.1] * 4, method="ML").tau2 == pytest.approx(yi.var() - 0.1, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    studies=st.lists(st.tuples(st.floats(-3, 3), st.floats(-4, 1)), min_size=2, max_size=6),
)
def test_no_variance_is_better_than_the_one_found(studies):
    yi, vi = np.array([y for y, _ in studies]), np.array([10.0**power for _, power in studies])
    found = meta_analysis(yi, vi, method="REML", test="z").tau2
    others = np.concatenate([[0.0], np.geomspace(1e-6, 100, 4000)])
    best = restricted_log_likelihood(yi, vi, others).max()
    assert restricted_log_likelihood(yi, vi, np.array([found]))[0] >= best - 1e-12


def test_two_peaks_of_one_likelihood():
    # Three precise studies that agree and two that do not: one peak at 0 and one far out.
    yi, vi = np.array([0.0, 0.0001, -0.0001, 4.0, 0.0]), np.array([1e-8, 1e-8, 1e-8, 1.0, 9.0])
    tau2 = np.concatenate([[0.0], np.geomspace(1e-12, 100, 20000)])
    logs = restricted_log_likelihood(yi, vi, tau2)
    peaks = int((logs[0] > logs[1]) + np.sum((logs[1:-1] > logs[:-2]) & (logs[1:-1] > logs[2:])))
    assert peaks == 2
    found = meta_analysis(yi, vi, method="REML", test="z").tau2
    assert restricted_log_likelihood(yi, vi, np.array([found]))[0] >= logs.max() - 1e-12


def test_two_thousand_studies_take_no_longer_than_a_breath():
    rng = np.random.default_rng(2)
    vi = rng.uniform(0.01, 0.5, 2000)
    yi = rng.normal(0.3, np.sqrt(vi + 0.2))
    started = time.process_time()
    fit = meta_analysis(yi, vi)
    assert fit.tau2 == pytest.approx(0.2, abs=4 * fit.se_tau2)
    # The point is that no k × k matrix is formed: that alone would take minutes.
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("yi", "vi", "options", "says"),
    [
        ([0.1, 0.2], [0.1], {}, "2 effects .* 1 variances"),
        ([], [], {}, "no study"),
        ([0.1, math.nan], [0.1, 0.1], {}, r"yi\[1\] = nan"),
        ([0.1, 0.2], [0.1, 0.0], {}, r"vi\[1\] = 0.0"),
        ([0.1, 0.2], [-0.1, 0.1], {}, r"vi\[0\] = -0.1"),
        ([0.1, 0.2], [0.1, math.inf], {}, r"vi\[1\] = inf"),
        ([0.1], [0.1], {"method": "REM"}, "method 'REM'"),
        ([0.1], [0.1], {"test": "hk"}, "test 'hk'"),
        ([0.1], [0.1], {"level": 95}, "level = 95"),
    ],
)
def test_what_cannot_be_pooled_is_named(yi, vi, options, says):
    with pytest.raises(ValueError, match=says):
        meta_analysis(yi, vi, **options)


@pytest.mark.parametrize("test", TESTS)
def test_interval_and_p_value_agree(test):
    yi, vi = [0.1, 0.9, -0.4, 1.5, 0.2], [0.05, 0.2, 0.1, 0.3, 0.02]
    p = meta_analysis(yi, vi, test=test).p_value
    at_p = meta_analysis(yi, vi, test=test, level=1 - p)
    assert at_p.ci_lower == pytest.approx(0.0, abs=1e-9)
