"""Fits with any design matrix: the formulas on full matrices, what must not change them, and the edges."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.synthesis.dependent.robust_variance import robust
from evenhand.synthesis.heterogeneity import heterogeneity_of
from evenhand.synthesis.linear_fit import TESTS, fit_linear
from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.prediction import prediction_interval
from evenhand.synthesis.residuals import best_predictions, standardised_residuals
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from evenhand.synthesis.tau2.maximum_likelihood import log_likelihood
from evenhand.synthesis.tau2.reml import restricted_log_likelihood
from tests.conftest import golden

METAREG = [case for case in golden("metareg.json") if case["task"] == "metareg"]
DESIGNS = {case["id"].rsplit("/", 1)[0]: case["expected"]["X"] for case in METAREG if "X" in case["expected"]}
# The fields of the test that other modules make of a fit stand in their own tests.
OF_THE_TEST = {
    "b": "beta",
    "se": "se",
    "stat": "statistic",
    "pval": "p_value",
    "ci_lb": "ci_lower",
    "ci_ub": "ci_upper",
}


OF_PAULE_MANDEL = [case for case in METAREG if case["options"]["method"] == "PM"]
OTHERS = [case for case in METAREG if case["options"]["method"] != "PM"]


@pytest.mark.parametrize("case", OTHERS, ids=[case["id"] for case in OTHERS])
def test_reference(case):
    method, expected = case["options"]["method"], case["expected"]
    yi, vi, x = case["data"]["yi"], case["data"]["vi"], DESIGNS[case["id"].rsplit("/", 1)[0]]
    for test, block in expected["tests"].items():
        fit = fit_linear(yi, vi, x, method=method, test=test)
        for theirs, ours in OF_THE_TEST.items():
            if theirs in block:
                np.testing.assert_allclose(getattr(fit, ours), block[theirs], rtol=1e-6, err_msg=f"{test} {theirs}")
        if "s2w" in block:
            assert fit.scale == pytest.approx(block["s2w"], rel=1e-6)
    for theirs, ours in {"tau2": "tau2", "I2": "i2", "H2": "h2", "QE": "q", "QEp": "q_p_value"}.items():
        assert getattr(fit, ours) == pytest.approx(expected[theirs], rel=1e-6), theirs
    if expected.get("se_tau2") is not None:
        assert fit.se_tau2 == pytest.approx(expected["se_tau2"], rel=1e-6)
    if fit.fit is not None and "fit_stats" in expected:
        for theirs, ours in {"logLik": "log_likelihood", "AIC": "aic", "BIC": "bic", "AICc": "aicc"}.items():
            assert getattr(fit.fit, ours) == pytest.approx(expected["fit_stats"][theirs], rel=1e-6), theirs


@pytest.mark.parametrize("case", OF_PAULE_MANDEL, ids=[case["id"] for case in OF_PAULE_MANDEL])
def test_paule_mandel_is_nearer_its_definition_than_the_reference(case):
    # The reference ends its search early in regressions. The definition is Q = k − p.
    yi, vi, x = case["data"]["yi"], case["data"]["vi"], DESIGNS[case["id"].rsplit("/", 1)[0]]
    ours = fit_linear(yi, vi, x, method="PM", test="knha")
    theirs = fit_linear(yi, vi, x, tau2=case["expected"]["tau2"], test="knha")
    assert ours.tau2 == pytest.approx(theirs.tau2, rel=2e-3)
    assert abs(ours.scale - 1) <= min(1e-12, abs(theirs.scale - 1))


def studies(k=12, p=3, seed=1):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
    vi = rng.uniform(0.05, 0.6, k)
    return x @ np.arange(1.0, p + 1) + rng.normal(0, np.sqrt(vi + 0.2)), vi, x


def options_of(method, vi):
    return {"method": method} | ({"weights": 1 / vi} if ESTIMATORS[method].needs_weights else {})


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("weights", [None, "unweighted", "own"])
def test_formulas_on_full_matrices(test, weights):
    yi, vi, x = studies()
    own = np.linspace(0.5, 3, yi.size) if weights == "own" else weights
    fit = fit_linear(yi, vi, x, test=test, weights=own)
    total = np.diag(vi + fit.tau2)
    w = np.linalg.inv(total)
    a = {None: w, "unweighted": np.eye(yi.size), "own": np.diag(np.linspace(0.5, 3, yi.size))}[weights]
    bread = np.linalg.inv(x.T @ a @ x)
    beta = bread @ x.T @ a @ yi
    p = w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w
    scale = {"knha": yi @ p @ yi / 9, "adhoc": max(1.0, yi @ p @ yi / 9)}.get(test, 1.0)
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-12)
    np.testing.assert_allclose(fit.covariance, scale * bread @ x.T @ a @ total @ a @ x @ bread, rtol=1e-11)
    np.testing.assert_allclose(fit.hat, np.diagonal(x @ bread @ x.T @ a), rtol=1e-11)
    np.testing.assert_allclose(fit.fitted, x @ beta, rtol=1e-11)


@pytest.mark.parametrize("method", ESTIMATORS)
class TestAnyEstimator:
    def test_another_basis_of_the_same_columns_is_the_same_model(self, method):
        yi, vi, x = studies()
        turn = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, -3.0], [1.0, 0.0, 0.5]])
        plain = fit_linear(yi, vi, x, **options_of(method, vi))
        turned = fit_linear(yi, vi, x @ turn, **options_of(method, vi))
        assert turned.tau2 == pytest.approx(plain.tau2, rel=1e-9)
        np.testing.assert_allclose(turn @ turned.beta, plain.beta, rtol=1e-10)
        assert turned.se_tau2 == pytest.approx(plain.se_tau2, rel=1e-9, nan_ok=True)

    def test_order_of_studies_does_not_matter(self, method):
        yi, vi, x = studies()
        order = np.random.default_rng(2).permutation(yi.size)
        plain = fit_linear(yi, vi, x, **options_of(method, vi))
        mixed = fit_linear(yi[order], vi[order], x[order], **options_of(method, vi[order]))
        np.testing.assert_allclose(mixed.beta, plain.beta, rtol=1e-11)
        assert mixed.tau2 == pytest.approx(plain.tau2, rel=1e-9)

    def test_a_column_of_ones_is_the_intercept_alone(self, method):
        yi, vi, _ = studies()
        one, none = (fit_linear(yi, vi, x, **options_of(method, vi)) for x in (np.ones((yi.size, 1)), None))
        assert (one.tau2, one.beta[0], one.se[0]) == (none.tau2, none.beta[0], none.se[0])

    def test_an_exact_fit_has_no_heterogeneity(self, method):
        _, vi, x = studies()
        fit = fit_linear(x @ [1.0, 2.0, 3.0], vi, x, test="z", **options_of(method, vi))
        np.testing.assert_allclose(fit.beta, [1, 2, 3], rtol=1e-12)
        assert fit.q == 0.0
        assert fit.tau2 == 0.0

    def test_as_many_coefficients_as_studies(self, method):
        yi, vi, x = studies(k=3)
        fit = fit_linear(yi, vi, x, **options_of(method, vi))
        assert (fit.test, fit.tau2, fit.tau2_estimable, fit.df, fit.q_df) == ("z", 0.0, False, None, 0)
        np.testing.assert_allclose(fit.fitted, yi, rtol=1e-12)


def test_a_variance_taken_as_known():
    yi, vi, x = studies()
    fit = fit_linear(yi, vi, x, tau2=0.3)
    assert fit.tau2 == 0.3
    assert math.isnan(fit.se_tau2)
    # One parameter fewer than with an estimated variance.
    assert fit.fit.aic == pytest.approx(2 * 3 - 2 * fit.fit.log_likelihood)
    assert fit_linear(yi, vi, x).fit.log_likelihood >= fit.fit.log_likelihood


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.floats(-3, 3), st.floats(-4, 1), st.floats(-2, 2)), min_size=4, max_size=8),
    method=st.sampled_from(["REML", "ML"]),
)
def test_no_variance_is_better_than_the_one_found(rows, method):
    yi, vi = np.array([y for y, _, _ in rows]), np.array([10.0**power for _, power, _ in rows])
    x = np.column_stack([np.ones(yi.size), np.array([m for _, _, m in rows]) + np.arange(yi.size)])
    found = fit_linear(yi, vi, x, method=method).tau2
    likelihood = restricted_log_likelihood if method == "REML" else log_likelihood
    others = np.concatenate([[0.0], np.geomspace(1e-7, 1000, 4000)])
    assert likelihood(yi, vi, np.array([found]), x)[0] >= likelihood(yi, vi, others, x).max() - 1e-10


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"weights": [1, 2]}, "2 weights but 12 studies"),
        ({"weights": [1.0] * 11 + [-1.0]}, r"weights\[11\] = -1.0"),
        ({"weights": [0.0] * 12}, "all weights are 0"),
        ({"weights": [1.0] + [0.0] * 11}, "do not identify every coefficient"),
        ({"weights": "equal"}, "weights 'equal'"),
        ({"method": "GENQ"}, "'GENQ' is made of the user's weights"),
        ({"method": "GENQM", "weights": "unweighted"}, "'GENQM' is made of the user's weights"),
        ({"tau2": -0.1}, "tau2 = -0.1"),
        ({"method": "reml"}, "method 'reml'"),
        ({"test": "kr"}, "test 'kr'"),
        ({"level": 1.0}, "level = 1.0"),
    ],
)
def test_what_cannot_be_fitted_is_named(options, says):
    yi, vi, x = studies()
    with pytest.raises(ValueError, match=says):
        fit_linear(yi, vi, x, **options)


@pytest.mark.parametrize(
    "function",
    [heterogeneity_of, prediction_interval, standardised_residuals, best_predictions, lambda x: robust(x, [1, 2])],
)
def test_a_table_is_not_taken_for_a_fit(function):
    with pytest.raises(ValueError, match="a Classical is no fit: give what `pooled_fit` returns"):
        function(meta_analysis([0.1, 0.4], [0.1, 0.2]))


@pytest.mark.parametrize("test", ["knha", "adhoc"])
def test_rounding_over_an_error_of_zero_is_not_significance(test):
    # The slope of identical effects was 1e-16 ± 0, with a p-value of 0; metafor 3.8-1 makes chance of it, p = 0.73.
    vi = np.array([0.1, 0.2, 0.05, 0.3, 0.15])
    for effect in (0.25, -3e-5, 7e6):
        fit = fit_linear([effect] * 5, vi, np.column_stack([np.ones(5), np.sqrt(vi)]), method="EE", test=test)
        assert fit.beta[0] == pytest.approx(effect, rel=1e-12)
        assert not fit.p_value[1] < 0.99
    if test == "knha":
        exact = fit_linear(
            0.3 + 2 * np.sqrt(vi), vi, np.column_stack([np.ones(5), np.sqrt(vi)]), method="EE", test=test
        )
        assert exact.beta == pytest.approx([0.3, 2.0])
        assert exact.p_value[1] == pytest.approx(0.0, abs=1e-12)
