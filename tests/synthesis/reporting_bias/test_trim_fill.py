"""Trim and fill, against the whole reference file and at the edges."""

import numpy as np
import pytest

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.reporting_bias.trim_fill import COUNTERS, trim_and_fill
from tests.synthesis.reporting_bias.reference import agrees, cases

OF_THE_FIT = {
    "b": "estimate", "se": "se", "stat": "statistic", "pval": "p_value", "ci_lb": "ci_lower", "ci_ub": "ci_upper",
    "tau2": "tau2", "I2": "i2", "QE": "q", "k": "k",
}  # fmt: skip


@cases("trimfill")
def test_reference(case):
    options, expected, data = case["options"], case["expected"], case["data"]
    result = trim_and_fill(data["yi"], data["vi"], test="z", **options)
    assert result.converged
    assert (result.k0, result.side) == (expected["k0"], expected["side"])
    agrees(result.se_k0, expected["se_k0"], 1e-10)
    agrees(result.p_k0, expected.get("p_k0"), 1e-12)
    assert result.filled_yi == pytest.approx(expected["filled_yi"] or [], rel=1e-10)
    assert result.filled_vi == pytest.approx(expected["filled_vi"] or [], rel=1e-12)
    if options["method"] != "REML":
        for theirs, ours in OF_THE_FIT.items():
            agrees(getattr(result.pooled, ours), expected[theirs], 1e-10, theirs)
        return
    # The reference stops REML where tau2 moves by less than 1e-5. Ours is at least as likely; with theirs taken as
    # known, all that follows from it agrees.
    yi, vi = [*data["yi"], *result.filled_yi], [*data["vi"], *result.filled_vi]
    theirs = fit_linear(yi, vi, method="REML", test="z", tau2=expected["tau2"])
    assert result.pooled.fit.log_likelihood >= theirs.fit.log_likelihood - 1e-10
    assert result.pooled.tau2 == pytest.approx(expected["tau2"], abs=1e-4)
    for name, ours in (("b", "beta"), ("se", "se"), ("stat", "statistic"), ("pval", "p_value"), ("ci_lb", "ci_lower"),
                       ("ci_ub", "ci_upper")):  # fmt: skip
        agrees(float(getattr(theirs, ours)[0]), expected[name], 1e-8, name)
    agrees(theirs.i2, expected["I2"], 1e-8)
    agrees(theirs.q, expected["QE"], 1e-8)


@pytest.mark.parametrize("estimator", COUNTERS)
class TestEdges:
    @pytest.mark.parametrize("k", [1, 2])
    def test_too_few(self, estimator, k):
        result = trim_and_fill([0.1, 0.5][:k], [0.1, 0.2][:k], estimator=estimator)
        assert result.not_computed.key == "bias.none.few_studies"
        assert (result.k0, result.side, result.pooled.k) == (0, None, k)

    def test_one_precision_leaves_the_side_to_the_reader(self, estimator):
        yi, vi = [0.0, 0.1, 0.2, 0.9, 1.4], [0.1] * 5
        automatic = trim_and_fill(yi, vi, estimator=estimator)
        assert automatic.not_computed.key == "bias.none.same_precision"
        assert trim_and_fill(yi, vi, estimator=estimator, side="left").not_computed is None

    def test_identical_effects_miss_nothing(self, estimator):
        result = trim_and_fill([0.3] * 5, [0.1, 0.2, 0.3, 0.4, 0.5], estimator=estimator, side="left")
        assert result.k0 == 0
        assert result.pooled.estimate == pytest.approx(0.3)

    def test_left_is_the_mirror_image_of_right(self, estimator):
        rng = np.random.default_rng(3)
        vi = rng.uniform(0.01, 0.5, 20)
        yi = 0.2 + 1.5 * np.sqrt(vi) + rng.normal(0, 0.1, 20)
        left = trim_and_fill(yi, vi, estimator=estimator, side="left")
        right = trim_and_fill(-yi, vi, estimator=estimator, side="right")
        assert left.k0 == right.k0 > 0
        assert left.filled_yi == pytest.approx([-y for y in right.filled_yi])
        assert left.pooled.estimate == pytest.approx(-right.pooled.estimate)

    def test_every_data_set_comes_to_an_end(self, estimator):
        rng = np.random.default_rng(5)
        for _ in range(200):
            k = int(rng.integers(3, 9))
            result = trim_and_fill(rng.choice([0.0, 0.1, 0.5, 3.0], k), 10.0 ** rng.uniform(-3, 1, k), side="left",
                                   method="DL", estimator=estimator)  # fmt: skip
            assert 0 <= result.k0 < k
            assert result.pooled.k == k + result.k0


@pytest.mark.parametrize(
    ("options", "says"), [({"estimator": "L1"}, "estimator 'L1'"), ({"side": "top"}, "side 'top'")]
)
def test_what_there_is_not_is_named(options, says):
    with pytest.raises(ValueError, match=says):
        trim_and_fill([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], **options)
