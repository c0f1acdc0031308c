"""Classical estimates against the reference numbers, and at the edges where programs fail."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.synthesis.heterogeneity import heterogeneity_of, inconsistency_of_q
from evenhand.synthesis.pairwise import TESTS, classical, meta_analysis, pooled_fit
from evenhand.synthesis.prediction import prediction_interval
from evenhand.synthesis.residuals import best_predictions, standardised_residuals
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.synthesis.tau2.generalised_q import GeneralisedQ
from evenhand.synthesis.tau2.reml import restricted_log_likelihood
from tests.conftest import golden

CASES = golden("pairwise.json")
PAIRWISE = [case for case in CASES if case["task"] == "pairwise"]
PAIRWISE_META = [case for case in CASES if case["task"] == "pairwise_meta"]

CLOSED_FORM = {"EE", "DL", "HE", "HS", "HSk", "SJ", "GENQ"}
OF_THE_TEST = {
    "b": "estimate", "se": "se", "stat": "statistic", "pval": "p_value", "ci_lb": "ci_lower", "ci_ub": "ci_upper",
    "pi_lb": "pi_lower", "pi_ub": "pi_upper", "pi_riley_lb": "pi_riley_lower", "pi_riley_ub": "pi_riley_upper",
    "df": "df",
}  # fmt: skip
OF_THE_MODEL = {"tau2": "tau2", "se_tau2": "se_tau2", "I2": "i2", "H2": "h2", "QE": "q", "QEp": "q_p_value", "k": "k"}
OF_THE_FIT = {"logLik": "log_likelihood", "deviance": "deviance", "AIC": "aic", "BIC": "bic", "AICc": "aicc"}
OF_THE_STUDIES = {"hat", "weights", "blup", "rstandard"}
OF_THE_INTERVAL = {"tau2": "tau2", "tau": "tau", "I2": "i2", "H2": "h2"}
# How the reference names the choice of interval for the mean: (method, ad hoc correction).
OF_META = {
    ("classic", "noadhoc"): "z", ("HK", "noadhoc"): "knha", ("HK", "se"): "adhoc", ("HK", "ci"): "hybrid",
    ("HK", "IQWiG6"): "iqwig", ("KR", "noadhoc"): "kr",
}  # fmt: skip
# What the reference's root finding leaves of an interval's limit, in absolute terms: seen where effects are of 1e-4.
ROOT_SLACK = 2e-14


def test_nothing_drops_out():
    assert len(PAIRWISE) + len(PAIRWISE_META) == len(CASES) == 636
    assert {case["options"]["method"] for case in PAIRWISE} == set(ESTIMATORS)
    assert {case["options"].get("variant") for case in PAIRWISE} == {None, "/unweighted", "/unitw"}
    fields = {field for case in PAIRWISE for field in case["expected"]}
    assert fields == {*OF_THE_MODEL, *OF_THE_STUDIES, "tests", "fit_stats", "confint"}
    of_the_tests = {field for case in PAIRWISE for block in case["expected"]["tests"].values() for field in block}
    assert of_the_tests == {*OF_THE_TEST, "s2w"}


def value(reference):
    return {"Inf": math.inf, "-Inf": -math.inf}.get(reference, reference)


def agrees(ours, reference, tolerance, where, slack=0.0):
    reference = value(reference)
    if reference is None:
        assert ours is None or math.isnan(ours), where
    else:
        assert ours == pytest.approx(reference, rel=tolerance, abs=slack), where


def weights_of(case):
    """What the reference was given: nothing, no weighting, or numbers, which the two estimators made of them need."""
    return "unweighted" if case["options"].get("variant") == "/unweighted" else case["data"].get("weights")


def fit_of(case, test):
    yi, vi, method = case["data"]["yi"], case["data"]["vi"], case["options"]["method"]
    return pooled_fit(yi, vi, method=method, test=test, weights=weights_of(case))


@pytest.mark.parametrize("case", PAIRWISE, ids=[case["id"] for case in PAIRWISE])
def test_reference(case):
    expected, method = case["expected"], case["options"]["method"]
    tolerance = 1e-10 if method in CLOSED_FORM else 1e-6
    # The reference's iteration for SJIT creeps towards a boundary of 0 and stops above it, short by up to this much.
    creep = 1e-12 if method == "SJIT" and value(expected["tau2"]) < 1e-12 else 0.0
    for test, block in expected["tests"].items():
        fit = fit_of(case, test)
        pooled = classical(fit)
        for theirs, ours in OF_THE_TEST.items():
            if theirs in block:
                agrees(getattr(pooled, ours), block[theirs], tolerance, f"{test}: {theirs}", 1e3 * creep)
        if "s2w" in block:
            agrees(fit.scale, block["s2w"], tolerance, f"{test}: s2w", 1e3 * creep)
    for theirs, ours in OF_THE_MODEL.items():
        agrees(getattr(pooled, ours), expected[theirs], tolerance, theirs, 1e4 * creep)
    for theirs, ours in OF_THE_FIT.items() if "fit_stats" in expected else ():
        # A deviance of identical effects is 0 up to rounding.
        agrees(getattr(pooled.fit, ours), expected["fit_stats"][theirs], tolerance, theirs, 1e-13)
    if "weights" in expected:
        assert pooled.weights == pytest.approx(expected["weights"], rel=tolerance)


WITH_STUDIES = [case for case in PAIRWISE if {"hat", "blup", "rstandard"} & set(case["expected"])]


@pytest.mark.parametrize("case", WITH_STUDIES, ids=[case["id"] for case in WITH_STUDIES])
def test_what_each_study_has(case):
    fit, expected = fit_of(case, "z"), case["expected"]
    residuals, best = standardised_residuals(fit), best_predictions(fit)
    blocks = {
        "hat": {"hat": (fit.hat, expected.get("hat"))},
        "rstandard": {
            name: (array, expected.get("rstandard", {}).get(name))
            for name, array in zip(
                ("resid", "se", "z"), (residuals.residual, residuals.se, residuals.standardised), strict=True
            )
        },
        "blup": {
            name: (array, expected.get("blup", {}).get(name))
            for name, array in zip(
                ("pred", "se", "pi_lb", "pi_ub"), (best.effect, best.se, best.lower, best.upper), strict=True
            )
        },
    }
    for block, columns in blocks.items():
        for name, (ours, theirs) in columns.items() if block in expected else ():
            reference = np.array([math.nan if x is None else x for x in theirs])
            # A residual of identical effects is 0 up to the rounding of the effects themselves.
            np.testing.assert_allclose(ours, reference, rtol=1e-6, atol=1e-9 * np.sqrt(fit.vi).max(), err_msg=name)


WITH_INTERVALS = [
    (case, kind) for case in PAIRWISE for kind in case["expected"].get("confint", {})
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "kind"), WITH_INTERVALS, ids=[f"{case['id']}:{kind}" for case, kind in WITH_INTERVALS]
)
def test_interval_of_tau2(case, kind):
    fit = fit_of(case, "z")
    ours, theirs = heterogeneity_of(fit, interval=kind), case["expected"]["confint"][kind]
    typical = (ours.tau2_upper / (ours.h2_upper - 1)) if ours.tau2_upper > 0 else math.inf
    for name, stem in OF_THE_INTERVAL.items():
        for end, reference in zip(("lower", "upper"), theirs.get(name, ()), strict=False):
            limit = getattr(ours, f"tau2_{end}")
            # The same absolute slack of tau2 on each of its scales.
            slack = {
                "tau2": ROOT_SLACK,
                "tau": ROOT_SLACK / math.sqrt(limit) if limit > 0 else 0.0,
                "I2": 100 * ROOT_SLACK / typical,
                "H2": ROOT_SLACK / typical,
            }[name]
            agrees(getattr(ours, f"{stem}_{end}"), reference, 1e-6, f"{kind} {name} {end}", slack)
    if "ub_sign" in theirs:
        assert ours.is_empty == (theirs["ub_sign"] == "<")
    if kind == "GENQ" and ours.tau2_lower > 0:
        # The limits meet their definition, whatever the reference's root finding left.
        form = GeneralisedQ(fit.model(), np.asarray(case["data"]["weights"], dtype=float))
        assert form.upper(ours.tau2_lower) == pytest.approx(0.025, rel=1e-9)
        assert form.upper(ours.tau2_upper) == pytest.approx(0.975, rel=1e-9)


@pytest.mark.parametrize("case", PAIRWISE_META, ids=[case["id"] for case in PAIRWISE_META])
def test_tests_and_predictions_of_meta(case):
    yi, vi = case["data"]["yi"], np.square(case["data"]["sei"])
    method, expected = case["options"]["method_tau"], dict(case["expected"])
    tolerance = 1e-10 if method in CLOSED_FORM else 1e-6
    plain = pooled_fit(yi, vi, method=method, test="z")
    share = inconsistency_of_q(plain)
    # The reference's scoring stops short of a boundary of 0 by so much.
    creep = 1e-12 if value(expected["tau2"]) < 1e-12 else 0.0
    agrees(plain.tau2, expected.pop("tau2"), tolerance, "tau2", creep)
    agrees(share.rb / 100, expected.pop("Rb"), tolerance, "Rb", creep * float(np.mean(1 / vi)))
    for ours, name in ((plain.q, "Q"), (share.h, "H"), (share.i2 / 100, "I2")):
        agrees(ours, expected.pop(name), tolerance, name)
    for stem, name, unit in (("h", "H_ci", 1), ("i2", "I2_ci", 100)):
        for end, reference in zip(("lower", "upper"), expected.pop(name), strict=True):
            agrees(getattr(share, f"{stem}_{end}") / unit, reference, tolerance, name)
    for key, block in expected.items():
        of_mean, ad_hoc, of_prediction = key.split("|")
        fit = pooled_fit(yi, vi, method=method, test=OF_META[of_mean, ad_hoc])
        pooled, prediction = classical(fit, prediction=of_prediction), prediction_interval(fit, of_prediction)
        ours = {theirs: getattr(pooled, name) for theirs, name in OF_THE_TEST.items()}
        ours |= {"se_pred": prediction.se, "df_pred": prediction.df, "df": pooled.df or math.inf}
        assert set(block) <= set(ours)
        for name, reference in block.items():
            agrees(ours[name], reference, tolerance, f"{key}: {name}")


def options_of(method, vi):
    """The two estimators made of the user's weights get the inverse variances."""
    return {"method": method} | ({"weights": 1 / np.asarray(vi)} if ESTIMATORS[method].needs_weights else {})


@pytest.mark.parametrize("method", ESTIMATORS)
class TestEdges:
    def test_one_study(self, method):
        fit = meta_analysis([0.3], [0.04], **options_of(method, [0.04]))
        assert (fit.estimate, fit.se, fit.tau2, fit.test, fit.k) == (0.3, pytest.approx(0.2), 0.0, "z", 1)
        assert not fit.tau2_estimable
        assert fit.weights == (100.0,)
        assert math.isnan(fit.se_tau2)

    def test_identical_effects(self, method):
        vi = [0.1, 0.2, 0.3, 0.4]
        fit = meta_analysis([0.25] * 4, vi, test="z", **options_of(method, vi))
        assert (fit.estimate, fit.tau2, fit.q) == (pytest.approx(0.25), 0.0, pytest.approx(0.0, abs=1e-15))

    def test_two_studies_far_apart(self, method):
        fit = meta_analysis([-5.0, 5.0], [0.01, 0.01], test="z", **options_of(method, [0.01, 0.01]))
        assert fit.estimate == pytest.approx(0.0, abs=1e-12)
        assert (fit.tau2 > 20) == (method != "EE")

    def test_shift_and_scale(self, method):
        yi, vi = np.array([0.1, 0.9, -0.4, 1.5, 0.2]), np.array([0.05, 0.2, 0.1, 0.3, 0.02])
        plain = meta_analysis(yi, vi, **options_of(method, vi))
        moved = meta_analysis(1000 + 10 * yi, 100 * vi, **options_of(method, vi))
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
