"""Where a new study's effect is to be expected: what each kind is made of, chances, and too few studies."""

import math

import numpy as np
import pytest
from scipy.special import stdtr

from evenhand.synthesis.linear_fit import fit_linear
from evenhand.synthesis.pairwise import meta_analysis, pooled_fit
from evenhand.synthesis.prediction import PREDICTIONS, important_shares, prediction_interval

YI, VI = [0.1, 0.9, -0.4, 1.5, 0.2, 0.7], [0.05, 0.2, 0.1, 0.3, 0.02, 0.15]


def rng():
    return np.random.default_rng(20)


@pytest.mark.parametrize("kind", PREDICTIONS)
class TestEveryKind:
    def test_interval_and_chances_agree(self, kind):
        ours = prediction_interval(pooled_fit(YI, VI), kind, rng=rng())
        slack = 1e-3 if kind == "NNF" else 1e-9  # draws come one at a time
        assert ours.below(ours.lower) == pytest.approx(0.025, abs=slack)
        assert ours.above(ours.upper) == pytest.approx(0.025, abs=slack)
        assert ours.lower < ours.estimate < ours.upper

    def test_one_study(self, kind):
        ours = prediction_interval(pooled_fit([0.3], [0.1]), kind, rng=rng())
        if kind in ("test", "S"):
            assert (ours.df, ours.lower) == (None, pytest.approx(0.3 - 1.959964 * math.sqrt(0.1)))
        else:
            assert math.isnan(ours.lower)
            assert math.isnan(ours.below(0.0))

    def test_identical_effects(self, kind):
        ours = prediction_interval(pooled_fit([0.25] * 5, [0.1] * 5), kind, rng=rng())
        assert ours.lower <= 0.25 <= ours.upper


def test_the_wider_kinds_are_wider():
    fit = pooled_fit(YI, VI)
    width = {kind: (lambda p: p.upper - p.lower)(prediction_interval(fit, kind, rng=rng())) for kind in PREDICTIONS}
    assert width["S"] < width["V"] < width["HTS"]
    assert width["HK"] < width["HK-PR"]
    assert width["KR"] < width["KR-PR"]


def test_the_kinds_that_only_cut_a_degree_of_freedom():
    fit = pooled_fit(YI, VI)
    for kind, base, df in (("HK-PR", "HK", 4.0), ("KR-PR", "KR", prediction_interval(fit, "KR").df - 1)):
        one_fewer = prediction_interval(fit, kind)
        assert one_fewer.se == prediction_interval(fit, base).se
        assert one_fewer.df == df


def test_chances_are_those_of_t():
    ours = prediction_interval(pooled_fit(YI, VI), "HTS")
    assert ours.above(0.5) == pytest.approx(1 - stdtr(4, (0.5 - ours.estimate) / ours.se), rel=1e-12)
    shares = important_shares(ours, -0.2, 0.2)
    assert shares.below + shares.between + shares.above == pytest.approx(1.0)
    assert shares.below == ours.below(-0.2)
    assert important_shares(ours, -math.inf, 0.2).below == 0.0
    with pytest.raises(ValueError, match="exchange them"):
        important_shares(ours, 0.2, -0.2)


def test_the_simulated_kind_has_tau2_from_its_confidence_distribution():
    """Of equal variances Q / (vi + tau2) is a χ², so that the draws have a closed form of their own."""
    yi, vi = np.array([0.1, 0.9, -0.4, 1.5, 0.2]), np.full(5, 0.1)
    ours = prediction_interval(pooled_fit(yi, vi, method="DL"), "NNF", rng=rng())
    other = np.random.default_rng(99)
    squares, n = float(((yi - yi.mean()) ** 2).sum()), 400_000
    tau2 = np.maximum(0.0, squares / other.chisquare(4, n) - 0.1)
    spread = math.sqrt(squares / (4 * 5))
    draws = yi.mean() + other.standard_normal(n) * np.sqrt(tau2) - other.standard_t(4, n) * spread
    lower, upper = np.quantile(draws, [0.025, 0.975])
    # Both are simulated: about 2 % of the width.
    assert (ours.lower, ours.upper) == pytest.approx((lower, upper), abs=0.03 * (upper - lower))
    again = prediction_interval(pooled_fit(yi, vi, method="DL"), "NNF", rng=rng())
    assert (again.lower, again.upper) == (ours.lower, ours.upper)


def test_meta_analysis_takes_the_kind():
    pooled, kind = meta_analysis(YI, VI, prediction="HTS"), prediction_interval(pooled_fit(YI, VI), "HTS")
    assert (pooled.pi_lower, pooled.pi_upper) == (kind.lower, kind.upper)


@pytest.mark.parametrize(
    ("fit", "kind", "options", "says"),
    [
        (pooled_fit(YI, VI), "hts", {}, "prediction 'hts'"),
        (pooled_fit(YI, VI), "NNF", {}, "give rng"),
        (pooled_fit(YI, VI, method="DL"), "KR", {}, "REML"),
        (pooled_fit(YI, VI, weights="unweighted"), "KR-PR", {}, "inverse-variance"),
        (pooled_fit(YI, VI), "V", {"level": 0}, "level = 0"),
        (fit_linear(YI, VI, np.column_stack([np.ones(6), np.arange(6)])), "V", {}, "intercept alone"),
    ],
)
def test_what_cannot_be_predicted_is_named(fit, kind, options, says):
    with pytest.raises(ValueError, match=says):
        prediction_interval(fit, kind, **options)
