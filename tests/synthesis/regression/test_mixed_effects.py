"""Meta-regression against the whole reference file, and at the edges where programs fail."""

import math

import numpy as np
import pandas as pd
import pytest

from evenhand.synthesis.normal_kernel import NormalModel
from evenhand.synthesis.regression.mixed_effects import meta_regression
from evenhand.synthesis.tau2.estimators import ESTIMATORS
from tests.conftest import golden

CASES = [case for case in golden("metareg.json") if case["task"] == "metareg"]
CLOSED_FORM = {"EE", "DL", "HE", "SJ"}
OF_THE_TEST = {"se": "se", "stat": "statistic", "pval": "p_value", "ci_lb": "ci_lower", "ci_ub": "ci_upper"}
OF_THE_MODEL = {"k": "k", "p": "p", "tau2": "tau2", "I2": "i2", "H2": "h2", "QE": "q", "QEp": "q_p_value"}
OF_THE_FIT = {"logLik": "log_likelihood", "AIC": "aic", "BIC": "bic", "AICc": "aicc"}
OF_PREDICTIONS = {"pred": "mean", "se": "se", "pi_lb": "pi_lower", "pi_ub": "pi_upper"}
# What else the file holds: the cluster-robust block belongs to the tests of robust variance; warnings are R's own.
ELSEWHERE = {"robust_cluster_by_study", "warnings"}
# Decimal years beside an intercept: the reference solves normal equations, whose condition is 1e9 there.
SLACK = 1e-8


def test_nothing_drops_out():
    assert len(CASES) == 140
    assert {case["options"]["method"] for case in CASES} <= set(ESTIMATORS)
    fields = {field for case in CASES for field in case["expected"]}
    also = {"btt", "se_tau2", "R2", "tests", "vcov", "fit_stats", "X", "confint_QP_tau2", "predict_first5", "vif"}
    assert fields == {*OF_THE_MODEL} | also | ELSEWHERE
    of_the_tests = {field for case in CASES for block in case["expected"]["tests"].values() for field in block}
    assert of_the_tests == {*OF_THE_TEST, "names", "b", "QM", "QMp", "QMdf", "s2w"}
    assert {test for case in CASES for test in case["expected"]["tests"]} == {"z", "knha", "t"}


def fitted(case, test="z", **options):
    return meta_regression(
        case["data"]["yi"], case["data"]["vi"], case["options"]["formula"], case["data"],
        method=case["options"]["method"], test=test, **options,
    )  # fmt: skip


def agrees(ours, reference, tolerance, where):
    assert np.asarray(ours) == pytest.approx(
        np.asarray(reference, dtype=float), rel=tolerance, abs=1e-14, nan_ok=True
    ), where


def tolerance_of(case):
    return SLACK if case["options"]["method"] in CLOSED_FORM else 1e-6


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference(case):
    expected, tolerance, known = case["expected"], tolerance_of(case), {}
    fit = fitted(case).fit
    if case["options"]["method"] == "PM":
        # The reference stops its search within 1e-4; ours is at the root of Q = k - p. All else follows at its tau2.
        model = NormalModel.of(fit.yi, fit.vi, fit.X)
        ours, theirs = (abs(model.at(tau2).q - fit.q_df) for tau2 in (fit.tau2, expected["tau2"]))
        assert ours <= 1e-9 * fit.q_df
        assert ours <= theirs
        assert fit.tau2 == pytest.approx(expected["tau2"], abs=1.3e-4)
        assert ESTIMATORS["PM"].standard_error(model, expected["tau2"]) == pytest.approx(expected["se_tau2"], rel=1e-8)
        known, tolerance = {"tau2": expected["tau2"]}, SLACK
    for test, block in expected["tests"].items():
        found = fitted(case, test, **known)
        names = ["intercept" if name == "intrcpt" else name for name in expected["tests"]["z"]["names"]]
        assert list(found.names) == names
        agrees(found.fit.beta, expected["tests"]["z"]["b"], tolerance, "b")
        for theirs, ours in OF_THE_TEST.items():
            agrees(getattr(found.fit, ours), block[theirs], tolerance, f"{test}: {theirs}")
        agrees(found.omnibus.statistic, block["QM"], tolerance, f"{test}: QM")
        agrees(found.omnibus.p_value, block["QMp"], tolerance, f"{test}: QMp")
        assert (found.omnibus.df1, found.omnibus.df2) == tuple(block["QMdf"])
        if "s2w" in block:
            agrees(found.fit.scale, block["s2w"], tolerance, f"{test}: s2w")
    found = fitted(case, **known)
    assert [j + 1 for j in found.tested] == expected["btt"]
    for theirs, ours in OF_THE_MODEL.items():
        if not known or theirs not in ("I2", "H2"):
            agrees(getattr(found.fit, ours), expected[theirs], tolerance, theirs)
    sds = np.sqrt(np.diagonal(expected["vcov"]))
    assert found.fit.covariance / np.outer(sds, sds) == pytest.approx(
        np.array(expected["vcov"]) / np.outer(sds, sds), abs=tolerance
    )
    if not known:
        agrees(found.fit.se_tau2, expected["se_tau2"], tolerance, "se_tau2")
        agrees(found.r2, expected["R2"], tolerance, "R2")
    for theirs, ours in OF_THE_FIT.items() if "fit_stats" in expected else ():
        agrees(getattr(found.fit.fit, ours), expected["fit_stats"][theirs], tolerance, theirs)
    if "X" in expected:
        assert np.array_equal(found.design.matrix, np.array(expected["X"], dtype=float))
    if "vif" in expected:
        agrees([one.gvif for one in found.inflation()], expected["vif"], tolerance, "vif")
    if "predict_first5" in expected:
        first = {name: column[:5] for name, column in case["data"].items()}
        for predictions in (found.predict(), found.predict(first)):
            for theirs, ours in OF_PREDICTIONS.items():
                agrees(getattr(predictions, ours)[:5], expected["predict_first5"][theirs], tolerance, theirs)
    if "confint_QP_tau2" in expected:
        interval = found.tau2_interval()
        agrees([interval.lower, interval.upper], expected["confint_QP_tau2"], 1e-6, "QP")


BCG = next(case for case in CASES if case["id"] == "metareg/bcg/RR/~ablat/REML")["data"]
BCG = BCG | next(case for case in CASES if case["id"] == "metareg/bcg/RR/~alloc/REML")["data"]
YI, VI = BCG["yi"], BCG["vi"]


def test_a_data_frame_and_records_are_as_good_as_columns():
    columns = meta_regression(YI, VI, "~ ablat + alloc", BCG)
    frame = pd.DataFrame(BCG)
    for data in (frame, frame.to_dict("records")):
        other = meta_regression(frame["yi"], frame["vi"], "~ ablat + alloc", data)
        assert np.array_equal(other.fit.beta, columns.fit.beta)
        assert other.names == columns.names


def test_a_study_without_a_moderator_is_named_and_left_out():
    ablat = [None, *BCG["ablat"][1:5], math.nan, *BCG["ablat"][6:]]
    fit = meta_regression(YI, VI, "~ ablat", {"ablat": ablat})
    assert fit.left_out == ((0, "ablat"), (5, "ablat"))
    rest = [i for i in range(13) if i not in (0, 5)]
    alone = meta_regression(np.take(YI, rest), np.take(VI, rest), "~ ablat", {"ablat": np.take(BCG["ablat"], rest)})
    assert np.array_equal(fit.fit.beta, alone.fit.beta)
    with pytest.raises(ValueError, match="study 0 has no ablat; study 5 has no ablat"):
        meta_regression(YI, VI, "~ ablat", {"ablat": ablat}, missing="refuse")


def test_a_study_without_an_effect_is_left_out():
    fit = meta_regression([None, *YI[1:]], [*VI[:12], math.nan], "~ ablat", BCG)
    assert fit.left_out == ((0, "yi"), (12, "vi"))
    assert fit.fit.k == 11


def test_collinear_columns_are_named():
    data = BCG | {"twice": [2 * x for x in BCG["ablat"]]}
    fit = meta_regression(YI, VI, "~ ablat + twice", data)
    assert fit.dropped == ("twice",)
    assert fit.names == ("intercept", "ablat")
    with pytest.raises(ValueError, match="columns twice follow from the columns before them"):
        meta_regression(YI, VI, "~ ablat + twice", data, collinear="refuse")


def test_more_moderators_than_studies():
    rng = np.random.default_rng(3)
    data = {f"x{j}": rng.normal(size=4) for j in range(6)}
    fit = meta_regression([0.1, 0.5, -0.2, 0.3], [0.1] * 4, "~ " + " + ".join(data), data)
    assert fit.fit.p == 4
    assert fit.dropped == ("x3", "x4", "x5")
    assert not fit.fit.tau2_estimable
    assert fit.tau2_interval().is_empty


@pytest.mark.parametrize("method", [name for name, one in ESTIMATORS.items() if not one.needs_weights])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_studies(method, k):
    fit = meta_regression(YI[:k], VI[:k], "~ ablat", {"ablat": BCG["ablat"][:k]}, method=method)
    assert fit.fit.k == k
    assert fit.fit.tau2_estimable == (k > 2)
    assert np.isfinite(fit.fit.beta).all()


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "PM", "EE"])
def test_an_exact_fit_has_no_heterogeneity(method):
    x = np.array([0.0, 1, 2, 3, 4])
    fit = meta_regression(1 + 2 * x, [0.1, 0.2, 0.1, 0.3, 0.1], "~ x", {"x": x}, method=method, test="z")
    assert fit.fit.tau2 == 0
    assert fit.fit.beta == pytest.approx([1, 2], rel=1e-12)
    knha = meta_regression(1 + 2 * x, [0.1, 0.2, 0.1, 0.3, 0.1], "~ x", {"x": x}, method=method, test="knha")
    assert math.isnan(knha.omnibus.statistic) or knha.omnibus.p_value < 1e-20


def test_units_of_a_moderator_do_not_matter():
    plain = meta_regression(YI, VI, "~ ablat", BCG)
    scaled = meta_regression(YI, VI, "~ x", {"x": [1e9 * a for a in BCG["ablat"]]})
    assert scaled.fit.tau2 == pytest.approx(plain.fit.tau2, rel=1e-10)
    assert scaled.fit.beta[1] * 1e9 == pytest.approx(plain.fit.beta[1], rel=1e-10)
    assert scaled.omnibus.p_value == pytest.approx(plain.omnibus.p_value, rel=1e-8)


class TestContrasts:
    fit = meta_regression(YI, VI, "~ ablat + alloc", BCG)

    def test_is_the_prediction(self):
        at = self.fit.contrast({"intercept": 1, "ablat": 33, "allocrandom": 1})
        predicted = self.fit.predict({"ablat": 33, "alloc": "random"})
        assert at.estimate == pytest.approx(predicted.mean, rel=1e-14)
        assert at.se == pytest.approx(predicted.se, rel=1e-12)
        assert at.ci_upper == pytest.approx(predicted.ci_upper, rel=1e-12)

    def test_together_are_the_omnibus_test(self):
        rows = self.fit.contrast(
            {"one": {"ablat": 1}, "two": {"allocrandom": 1}, "three": {"allocsystematic": 2, "ablat": 1}}
        )
        assert rows.joint.statistic == pytest.approx(self.fit.omnibus.statistic, rel=1e-10)
        assert rows.to_frame().shape == (3, 6)

    def test_does_not_depend_on_the_reference_level(self):
        other = meta_regression(YI, VI, "~ ablat + alloc", BCG, reference={"alloc": "systematic"})
        assert other.names == ("intercept", "ablat", "allocalternate", "allocrandom")
        assert other.test_of("alloc").statistic == pytest.approx(self.fit.test_of("alloc").statistic, rel=1e-10)
        difference = self.fit.contrast({"allocrandom": 1, "allocsystematic": -1})
        assert other.fit.beta[3] == pytest.approx(difference.estimate[0], rel=1e-10)
        assert other.fit.se[3] == pytest.approx(difference.se[0], rel=1e-10)

    def test_dependent_rows_have_no_joint_test(self):
        assert self.fit.contrast([[0, 1, 0, 0], [0, 2, 0, 0]]).joint is None

    def test_of_a_term_by_name_or_number(self):
        assert self.fit.test_of("alloc") == self.fit.test_of(2, 3)
        btt = meta_regression(YI, VI, "~ ablat + alloc", BCG, btt="alloc")
        assert btt.omnibus == self.fit.test_of("alloc")

    def test_a_term_has_one_inflation(self):
        by_term = {one.name: one for one in self.fit.inflation(by_term=True)}
        assert (by_term["ablat"].columns, by_term["alloc"].columns) == (1, 2)
        # With two terms the one inflates the other as much as the other the one.
        assert by_term["ablat"].gvif == pytest.approx(by_term["alloc"].gvif, rel=1e-10)
        assert by_term["alloc"].gsif == pytest.approx(by_term["alloc"].gvif ** 0.25, rel=1e-12)


@pytest.mark.parametrize(
    ("formula", "data", "options", "says"),
    [
        ("~ ablatt", BCG, {}, "column 'ablatt' is not in the data, which has .* did you mean 'ablat'"),
        ("~ ablat", None, {}, "column 'ablat' is not in the data, which has none"),
        ("~ ablat", {"ablat": [1, 2]}, {}, "column 'ablat' has 2 values for 13 studies"),
        ("~ ablat", {"ablat": [1, "n/a", *range(11)]}, {}, "mixes numbers and text: study 1 has 'n/a'"),
        ("~ ablat", {"ablat": [math.inf, *range(12)]}, {}, "study 0: inf is not finite"),
        ("~ ablat", {"ablat": [None] * 13}, {}, "no study is complete"),
        ("~ log(ablat)", {"ablat": range(13)}, {}, r"log\(ablat\) is not a finite number at row 0, where ablat = 0"),
        ("~ I(alloc^2)", BCG, {}, r"I\(alloc\^2\): column 'alloc' has text"),
        ("~ 0", BCG, {}, "neither an intercept nor a term"),
        ("~ alloc", BCG, {"reference": {"alloc": "radnom"}}, "reference 'radnom' of 'alloc': its levels are"),
        ("~ ablat", BCG, {"reference": {"alloc": "random"}}, "reference for 'alloc', which is not in"),
        ("~ ablat", BCG, {"reference": {"ablat": 13}}, r"write factor\(ablat\)"),
        ("~ ablat", BCG, {"btt": "year"}, "'year' is neither a coefficient nor a term; there are intercept, ablat"),
        ("~ ablat", BCG, {"btt": 7}, "coefficient 7: there are 2"),
        ("~ ablat", BCG, {"missing": "omit"}, "missing 'omit'"),
        ("~ ablat", BCG, {"weights": [1, 2]}, "2 weights but 13 studies"),
        ("~ ablat", BCG, {"method": "REM"}, "method 'REM'"),
        ("~ poly(ablat, 12)", BCG, {}, "degree 12 with 9 different values"),
        ("~ rcs(ablat, 2)", BCG, {}, "at least 3 knots"),
    ],
)
def test_what_cannot_be_fitted_is_named(formula, data, options, says):
    with pytest.raises(ValueError, match=says):
        meta_regression(YI, VI, formula, data, **options)


@pytest.mark.parametrize(
    ("yi", "vi", "says"),
    [
        (["0,5", *YI[1:]], VI, r"yi\[0\] = '0,5': not a number; write a number"),
        (YI, [-1, *VI[1:]], r"vi\[0\] = -1.0"),
        (YI, [0, *VI[1:]], r"vi\[0\] = 0.0"),
        ([math.inf, *YI[1:]], VI, r"yi\[0\] = inf"),
        (YI[1:], VI, "12 effects .* 13 variances"),
    ],
)
def test_a_study_that_cannot_be_pooled_is_named(yi, vi, says):
    with pytest.raises(ValueError, match=says):
        meta_regression(yi, vi, "~ ablat", BCG)


class TestPredictions:
    def test_a_new_level_is_refused(self):
        fit = meta_regression(YI, VI, "~ alloc", BCG)
        with pytest.raises(ValueError, match="level 'lottery' was not fitted; there are alternate, random, systematic"):
            fit.predict({"alloc": "lottery"})
        with pytest.raises(ValueError, match="column 'alloc', row 1: missing"):
            fit.predict({"alloc": ["random", None]})

    @pytest.mark.parametrize("formula", ["~ poly(ablat, 2)", "~ rcs(ablat, 3)", "~ scale(ablat)", "~ log(ablat + 1)"])
    def test_functions_remember_the_fitted_studies(self, formula):
        fit = meta_regression(YI, VI, formula, BCG)
        all_rows, one_row = fit.predict(), fit.predict({"ablat": BCG["ablat"][3]})
        assert one_row.mean[0] == pytest.approx(all_rows.mean[3], rel=1e-12)
        assert one_row.pi_upper[0] == pytest.approx(all_rows.pi_upper[3], rel=1e-12)

    def test_orthogonal_and_raw_polynomials_are_one_curve(self):
        fits = [meta_regression(YI, VI, f"~ {term}", BCG) for term in ("poly(ablat, 2)", "poly(ablat, 2, raw = TRUE)")]
        written_out = meta_regression(YI, VI, "~ ablat + I(ablat^2)", BCG)
        for fit in fits:
            assert fit.predict({"ablat": [0, 20, 60]}).mean == pytest.approx(
                written_out.predict({"ablat": [0, 20, 60]}).mean, rel=1e-8
            )
        columns = fits[0].design.matrix
        assert columns.T @ columns == pytest.approx(np.diag([13.0, 1, 1]), abs=1e-12)

    def test_a_spline_is_straight_beyond_its_outer_knots(self):
        fit = meta_regression(YI, VI, "~ rcs(ablat, 3)", BCG)
        mean = fit.predict({"ablat": [100, 110, 120]}).mean
        assert mean[2] - mean[1] == pytest.approx(mean[1] - mean[0], rel=1e-8)

    def test_riley_has_one_degree_of_freedom_less(self):
        wide = meta_regression(YI, VI, "~ ablat", BCG).predict({"ablat": 30})
        assert wide.pi_riley_upper[0] - wide.mean[0] > wide.pi_upper[0] - wide.mean[0]
