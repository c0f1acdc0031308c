"""Egger's test and its kin, against the whole reference file and at the edges."""

import math

import numpy as np
import pytest

from evenhand.synthesis.reporting_bias.asymmetry import PREDICTORS, asymmetry_test
from tests.synthesis.reporting_bias.reference import agrees, cases

FIELDS = {
    "zval": "statistic", "stat": "statistic", "pval": "p_value", "df": "df", "est_limit": "limit_estimate",
    "ci_lb": "ci_lower", "ci_ub": "ci_upper", "tau2": "tau2",
}  # fmt: skip


@cases("regtest")
def test_reference(case):
    options, expected, data = case["options"], case["expected"], case["data"]
    assert set(expected) <= {*FIELDS, "coef", "se", "sigma"}
    options = {name: value for name, value in options.items() if name != "note"}
    result = asymmetry_test(data["yi"], data["vi"], data.get("ni"), **options)
    tolerance = 1e-8 if options.get("method") == "REML" else 1e-10
    for theirs, ours in FIELDS.items():
        if theirs in expected:
            agrees(getattr(result, ours), expected[theirs], tolerance, theirs)
    if "coef" in expected:
        for ours, theirs in zip((result.intercept, result.slope), expected["coef"], strict=True):
            agrees(ours, theirs, tolerance, "coef")
        for ours, theirs in zip((result.se_intercept, result.se_slope), expected["se"], strict=True):
            agrees(ours, theirs, tolerance, "se")
    if "sigma" in expected:
        agrees(math.sqrt(result.dispersion), expected["sigma"], tolerance, "sigma")


@pytest.mark.parametrize("model", ["rma", "lm"])
class TestEdges:
    @pytest.mark.parametrize("k", [1, 2])
    def test_too_few(self, model, k):
        result = asymmetry_test([0.1, 0.2][:k], [0.1, 0.2][:k], model=model)
        assert result.not_computed.key == "bias.none.few_studies"
        assert result.not_computed.params == {"k": k, "least": 3}
        assert math.isnan(result.p_value)

    def test_one_precision(self, model):
        result = asymmetry_test([0.1, 0.5, 0.9], [0.1, 0.1, 0.1 * (1 + 1e-15)], model=model)
        assert result.not_computed.key == "bias.none.same_precision"
        assert math.isnan(result.slope)

    def test_identical_effects_lie_on_a_flat_line(self, model):
        result = asymmetry_test([0.4] * 4, [0.1, 0.2, 0.3, 0.4], model=model)
        assert result.slope == pytest.approx(0, abs=1e-12)
        assert result.limit_estimate == pytest.approx(0.4)

    def test_effects_on_a_line(self, model):
        vi = np.array([0.1, 0.2, 0.4, 0.9])
        result = asymmetry_test(0.3 + 2 * np.sqrt(vi), vi, model=model)
        assert (result.intercept, result.slope) == (pytest.approx(0.3), pytest.approx(2))
        assert result.tau2 == 0 or math.isnan(result.tau2)

    def test_millions_of_people(self, model):
        yi, vi, ni = [0.1, 0.5, 0.3, 0.9], [0.1, 0.2, 0.15, 0.3], np.array([100.0, 50.0, 70.0, 30.0])
        small = asymmetry_test(yi, vi, ni, predictor="ni", model=model)
        large = asymmetry_test(yi, vi, 1e8 * ni, predictor="ni", model=model)
        assert large.slope == pytest.approx(1e-8 * small.slope, rel=1e-9)
        assert large.p_value == pytest.approx(small.p_value, rel=1e-9)


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_only_where_the_predictor_can_vanish_is_there_a_limit(predictor):
    result = asymmetry_test([0.1, 0.5, 0.3, 0.9], [0.1, 0.2, 0.15, 0.3], [100, 50, 70, 30], predictor=predictor)
    assert math.isnan(result.limit_estimate) == (predictor in ("ni", "sqrtni"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": "wls"}, "model 'wls'"),
        ({"predictor": "n"}, "predictor 'n'"),
        ({"predictor": "ni"}, "give `ni`"),
        ({"predictor": "ninv", "ni": [1, 2]}, "2 sample sizes .* 3 studies"),
        ({"predictor": "ninv", "ni": [10, 0, 5]}, r"ni\[1\] = 0"),
        ({"method": "REM"}, "method 'REM'"),
    ],
)
def test_what_cannot_be_tested_is_named(options, says):
    with pytest.raises(ValueError, match=says):
        asymmetry_test([0.1, 0.2, 0.4], [0.1, 0.2, 0.3], **options)
