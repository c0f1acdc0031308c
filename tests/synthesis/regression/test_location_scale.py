"""Location-scale models against the reference file, against one variance, and where a variance vanishes."""

import math

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.regression.location_scale import _Surface, fit_location_scale
from tests.conftest import golden

FILE = golden("metareg.json")
CASES = [case for case in FILE if case["task"] == "locscale"]


def fitted(case, **options):
    data, asked = case["data"], case["options"]
    return fit_location_scale(
        data["yi"], data["vi"], asked["mods"], asked["scale"], data, method=asked["method"], **options
    )


def test_nothing_drops_out():
    assert len(CASES) == 4
    fields = {"b", "se", "pval", "alpha", "se_alpha", "pval_alpha", "tau2", "logLik"}
    assert {field for case in CASES for field in case["expected"]} == fields
    assert {case["options"]["link"] for case in CASES} == {"log"}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    expected, found, hint = case["expected"], fitted(case), case["options"]["tol_hint"]
    assert found.converged
    assert found.reason == ""
    # The reference stops short of the top: ours is no lower, and all else agrees within its own tolerance.
    assert found.fit.log_likelihood >= expected["logLik"] - 1e-12
    assert found.fit.log_likelihood == pytest.approx(expected["logLik"], rel=1e-9)
    for ours, theirs in (
        (found.beta, "b"), (found.se, "se"), (found.p_value, "pval"), (found.alpha, "alpha"),
        (found.se_alpha, "se_alpha"), (found.p_value_alpha, "pval_alpha"),
    ):  # fmt: skip
        assert ours == pytest.approx(expected[theirs], rel=hint), theirs
    # The file lists the different variances only.
    assert sorted(np.unique(np.round(found.tau2, 12))) == pytest.approx(sorted(set(expected["tau2"])), rel=hint)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
@pytest.mark.parametrize("link", ["log", "identity"])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_gradient_and_hessian_are_those_of_the_likelihood(case, link, method):
    found = fit_location_scale(
        case["data"]["yi"], case["data"]["vi"], "~ 1", case["options"]["scale"], case["data"], link=link, method=method
    )
    model = NormalModel.of(np.array(case["data"]["yi"]), np.array(case["data"]["vi"]))
    surface = _Surface(model, found.scale_design.matrix, link, restricted=method == "REML")
    alpha = found.alpha + 0.03 * np.abs(found.alpha)
    place = surface.at(alpha)
    for j in range(alpha.size):
        step = np.zeros(alpha.size)
        step[j] = 1e-5 * max(1e-2, abs(alpha[j]))
        ahead, behind = surface.at(alpha + step), surface.at(alpha - step)
        width = 2 * step[j]
        size = max(1.0, abs(place.gradient[j]))
        assert place.gradient[j] == pytest.approx(
            (ahead.log_likelihood - behind.log_likelihood) / width, abs=1e-5 * size
        )
        assert place.hessian[j] == pytest.approx(
            (ahead.gradient - behind.gradient) / width, rel=1e-4, abs=1e-4 * np.abs(place.hessian).max()
        )


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("link", ["log", "identity"])
def test_a_constant_scale_is_one_variance(link, method):
    data = CASES[0]["data"]
    plain = fit_linear(data["yi"], data["vi"], method=method, test="z")
    found = fit_location_scale(data["yi"], data["vi"], "~ 1", "~ 1", data, link=link, method=method)
    assert found.tau2 == pytest.approx(plain.tau2, rel=1e-7)
    assert found.beta == pytest.approx(plain.beta, rel=1e-8)
    assert found.fit.log_likelihood == pytest.approx(plain.fit.log_likelihood, rel=1e-12)
    assert found.fit.aic == pytest.approx(plain.fit.aic, rel=1e-12)
    assert found.against_one_variance is None


@pytest.mark.parametrize("case", CASES[1:], ids=[case["id"] for case in CASES[1:]])
def test_links_are_one_model_for_categories(case):
    log, identity = fitted(case), fitted(case, link="identity")
    assert identity.tau2 == pytest.approx(log.tau2, rel=1e-5)
    assert identity.fit.log_likelihood == pytest.approx(log.fit.log_likelihood, rel=1e-10)
    assert identity.against_one_variance.statistic == pytest.approx(log.against_one_variance.statistic, rel=1e-6)


def test_units_of_the_scale_do_not_matter():
    case = CASES[0]
    scaled = {**case["data"], "ni": [1e6 * n for n in case["data"]["ni"]]}
    plain = fitted(case)
    found = fit_location_scale(scaled["yi"], scaled["vi"], "~ 1", "~ ni", scaled)
    assert found.tau2 == pytest.approx(plain.tau2, rel=1e-8)
    assert found.alpha[1] * 1e6 == pytest.approx(plain.alpha[1], rel=1e-7)


def test_predictions_of_the_variance():
    found = fitted(CASES[0])
    tau2, lower, upper = found.predict_tau2({"ni": CASES[0]["data"]["ni"][:3]})
    assert tau2 == pytest.approx(found.tau2[:3], rel=1e-12)
    assert (lower < tau2).all()
    assert (upper > tau2).all()


class TestEdges:
    def test_a_group_without_heterogeneity_says_so(self):
        yi = [0.1, 0.1, 0.1, 0.1, -1.0, 0.9, 2.0, -0.7]
        data = {"g": ["same"] * 4 + ["wild"] * 4}
        found = fit_location_scale(yi, [0.05] * 8, "~ 1", "~ g", data)
        assert found.reason == "variance at zero"
        assert np.isnan(found.se_alpha).all()
        assert np.isfinite(found.se).all()
        assert found.tau2[0] < 1e-6
        # The other group's variance is what the two-group likelihood has with the first at 0.
        assert found.tau2[-1] > 0.5

    @pytest.mark.parametrize("link", ["log", "identity"])
    @pytest.mark.parametrize("k", [1, 2])
    def test_too_few_studies_are_a_result(self, k, link):
        found = fit_location_scale(
            [0.1, 0.4][:k], [0.1, 0.2][:k], "~ 1", "~ x", {"x": [1.0, 2.0][:k]}, link=link, collinear="drop"
        )
        assert (found.converged, found.reason) == (False, "too few studies")
        assert np.isnan(found.alpha).all()
        assert math.isnan(found.fit.log_likelihood)

    def test_identical_effects(self):
        found = fit_location_scale([0.3] * 6, [0.1, 0.2] * 3, "~ 1", "~ x", {"x": [1.0, 2, 3, 4, 5, 7]})
        assert found.reason == "variance at zero"
        assert found.beta == pytest.approx([0.3], rel=1e-12)

    def test_a_missing_value_of_either_formula_leaves_the_study_out_of_both(self):
        data = {"x": [1.0, None, 3, 4, 5, 6, 7, 8], "z": [1.0, 2, 3, 5, 4, 6, None, 9]}
        yi, vi = [0.1, 0.9, -0.3, 0.5, 1.2, -0.8, 0.2, 0.6], [0.05] * 8
        found = fit_location_scale(yi, vi, "~ x", "~ z", data)
        assert found.k == 6
        assert found.design.kept == found.scale_design.kept == (0, 2, 3, 4, 5, 7)

    @pytest.mark.parametrize(
        ("options", "says"), [({"link": "logit"}, "link 'logit'"), ({"method": "DL"}, "method 'DL'")]
    )
    def test_a_wrong_word_is_named(self, options, says):
        with pytest.raises(ValueError, match=says):
            fit_location_scale([0.1, 0.2], [0.1, 0.1], **options)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_nearby_is_higher(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(8, 40))
    x, vi = rng.normal(size=k), rng.uniform(0.01, 0.3, k)
    yi = rng.normal(0.2, np.sqrt(vi + np.exp(-2 + x)))
    found = fit_location_scale(yi, vi, "~ 1", "~ x", {"x": x})
    assert found.converged
    surface = _Surface(NormalModel.of(yi, vi), found.scale_design.matrix, "log", restricted=True)
    elsewhere = found.alpha + rng.normal(0, 2, size=(300, 2))
    assert max(surface.at(alpha).log_likelihood for alpha in elsewhere) <= found.fit.log_likelihood + 1e-9
